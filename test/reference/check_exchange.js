// Reads what check_exchange.sql prints and runs each model in ONNX Runtime and in TensorFlow.js (Keras's definitions),
// beside our own output:
//   npm install onnxruntime-node @tensorflow/tfjs
//   test/cluster psql -XAtqf test/reference/check_exchange.sql | node test/reference/check_exchange.js
const readline = require('readline');
const path = require('path');
const load = name => require(require.resolve(name, { paths: [process.cwd(), __dirname] }));
const ort = load('onnxruntime-node');
const tf = load('@tensorflow/tfjs');
const LIMIT = 1e-5;

const furthest = (a, b) => {
	if (a.length !== b.length) return Infinity;
	return a.reduce((most, v, i) => Math.max(most, Number.isFinite(v) ? Math.abs(v - b[i]) : Infinity), 0);
};

async function run(test, file) {
	const session = await ort.InferenceSession.create(Buffer.from(file, 'base64'));
	const dims = [test.x.length, test.x[0].length, test.x[0][0].length];
	const out = await session.run({ x: new ort.Tensor('float32', Float32Array.from(test.x.flat(2)), dims) });
	return Array.from(out.y.data);
}

// a forecast of two networks is their mean
async function onnx(test) {
	let y = await run(test, test.onnx);
	if (test.second) {
		const other = await run(test, test.second);
		y = y.map((v, i) => (v + other[i]) / 2);
	}
	return furthest(y, test.y.flat(2));
}

// Keras's GRU of the reset_after form, which TensorFlow.js does not have, by its definition; gates z, r, h
function gruAndDense(test) {
	const [kernel, recurrent, bias, dense, denseBias] = test.weights.map(w => w.values);
	const units = recurrent.length;
	const sigmoid = v => 1 / (1 + Math.exp(-v));
	const times = (row, matrix, j) => row.reduce((sum, v, i) => sum + v * matrix[i][j], 0);
	return test.x.map(sequence => {
		let h = Array(units).fill(0);
		for (const x of sequence) {
			const input = (g, u) => times(x, kernel, g * units + u) + bias[0][g * units + u];
			const inner = (g, u) => times(h, recurrent, g * units + u) + bias[1][g * units + u];
			h = h.map((old, u) => {
				const z = sigmoid(input(0, u) + inner(0, u));
				const r = sigmoid(input(1, u) + inner(1, u));
				return z * old + (1 - z) * Math.tanh(input(2, u) + r * inner(2, u));
			});
		}
		return denseBias.map((b, o) => b + times(h, dense, o));
	});
}

async function keras(test) {
	if (/^gru \d+ x 1$/.test(test.name)) return furthest(gruAndDense(test).flat(), test.y.flat(2));
	if (test.keras === null || JSON.stringify(test.keras).includes('"GRU"')) return null;
	// TensorFlow.js has Keras 2's name of the input's shape
	const model = await tf.models.modelFromJSON(JSON.parse(JSON.stringify(test.keras).replace('"batch_shape"', '"batch_input_shape"')));
	const weights = test.weights.map(w => tf.tensor(w.values.flat(2), w.shape));
	if (JSON.stringify(model.getWeights().map(w => w.shape)) !== JSON.stringify(test.weights.map(w => w.shape)))
		throw new Error(`weights of ${test.name}: ${model.getWeights().map(w => w.name + ' ' + w.shape)} against ${test.weights.map(w => w.name + ' ' + w.shape)}`);
	model.setWeights(weights);
	return furthest(Array.from(model.predict(tf.tensor(test.x)).dataSync()), test.y.flat(2));
}

(async () => {
	let passed = 0, failed = 0;
	for await (const line of readline.createInterface({ input: process.stdin })) {
		const test = JSON.parse(line);
		for (const [reader, check] of [['onnx', onnx], ['keras', keras]]) {
			let difference;
			try { difference = await check(test); } catch (error) { difference = Infinity; console.log(error.message); }
			if (difference === null) continue;
			const good = difference <= LIMIT;
			good ? passed++ : failed++;
			console.log(`${good ? 'ok' : 'not ok'} ${reader} ${test.name}: ${difference.toExponential(1)}`);
		}
	}
	console.log(`${passed} passed, ${failed} failed`);
	process.exit(failed > 0 ? 1 : 0);
})();
