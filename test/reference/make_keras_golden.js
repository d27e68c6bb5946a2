// Makes keras_golden.txt with TensorFlow.js, which follows Keras's definitions:
//   npm install @tensorflow/tfjs
//   node test/reference/make_keras_golden.js >test/reference/keras_golden.txt
// A line has, between tabs: name, architecture, weights, input, output (all JSON).
const tf = require(require.resolve('@tensorflow/tfjs', { paths: [process.cwd(), __dirname] }));
console.warn = () => {};
tf.setBackend('cpu');
let seed = 1;
const next = () => { seed = (seed * 16807) % 2147483647; return Math.fround(seed / 2147483647 - 0.5); };
const fill = shape => shape.length ? Array.from({ length: shape[0] }, () => fill(shape.slice(1))) : next();
const cell = (name, config) => tf.layers[name]({ units: 4, ...config });
const cases = {
	'simple': [cell('simpleRNN', { inputShape: [6, 2] }), tf.layers.dense({ units: 3 })],
	'simple relu stack': [cell('simpleRNN', { inputShape: [6, 2], activation: 'relu', returnSequences: true }), cell('simpleRNN', { useBias: false }), tf.layers.dense({ units: 3, activation: 'sigmoid' })],
	'lstm': [cell('lstm', { inputShape: [6, 2], recurrentActivation: 'sigmoid' }), tf.layers.dense({ units: 3 })],
	'lstm sequence': [cell('lstm', { inputShape: [6, 2], recurrentActivation: 'sigmoid', returnSequences: true }), tf.layers.dense({ units: 3 })],
	'bidirectional lstm': [tf.layers.bidirectional({ layer: cell('lstm', { recurrentActivation: 'sigmoid' }), inputShape: [6, 2], mergeMode: 'concat' }), tf.layers.dense({ units: 3 })],
	'bidirectional simple sequence, sum': [tf.layers.bidirectional({ layer: cell('simpleRNN', { returnSequences: true }), inputShape: [6, 2], mergeMode: 'sum' }), tf.layers.dropout({ rate: 0.2 }), tf.layers.dense({ units: 2 })],
	'layer normalization': [cell('lstm', { inputShape: [6, 2], recurrentActivation: 'sigmoid', returnSequences: true }), tf.layers.layerNormalization({ axis: -1 }), cell('simpleRNN', {}), tf.layers.dense({ units: 1 })],
};
for (const [name, layers] of Object.entries(cases)) {
	const model = tf.sequential({ layers });
	const weights = model.getWeights().map(w => fill(w.shape));
	model.setWeights(weights.map(w => tf.tensor(w)));
	const x = fill([3, 6, 2]);
	const text = model.toJSON(null, false);
	console.log([name, JSON.stringify(text), JSON.stringify(weights), JSON.stringify(x), JSON.stringify(model.predict(tf.tensor(x)).arraySync())].join('\t'));
}
