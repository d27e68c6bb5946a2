// Checks each picture of the page: texts do not overlap, lie inside the picture, and nothing in a name ran as a script.
// Prints what is wrong, and the count.
const found = [];
let passed = 0, failed = 0;
const result = (good, what) => { good ? passed++ : (failed++, found.push('not ok ' + what)); };
const shown = text => text.textContent.replace(/\s+/g, ' ').slice(0, 40);
const box = element => element.getBoundingClientRect();

for (const part of document.querySelectorAll('div[data-name]')) {
	const name = part.dataset.name, svg = part.querySelector('svg');
	if (!svg) { result(false, name + ': no picture'); continue; }
	if (!svg.getAttribute('width')) svg.setAttribute('width', svg.viewBox.baseVal.width);
	const frame = box(svg);
	const texts = [...svg.querySelectorAll('text')].map(text => ({ text, b: box(text) })).filter(t => t.b.width > 0);
	for (const { text, b } of texts)
		result(b.left >= frame.left && b.right <= frame.right && b.top >= frame.top && b.bottom <= frame.bottom,
			`${name}: "${shown(text)}" is clipped: ${[b.left - frame.left, b.right - frame.right, b.top - frame.top, b.bottom - frame.bottom].map(Math.round)}`);
	// one pixel of the boxes' empty rims may be shared
	texts.sort((x, y) => x.b.left - y.b.left);
	for (let i = 0; i < texts.length; i++)
		for (let j = i + 1; j < texts.length && texts[j].b.left < texts[i].b.right - 1; j++) {
			const a = texts[i].b, b = texts[j].b;
			result(!(a.top < b.bottom - 3 && b.top < a.bottom - 3), `${name}: "${shown(texts[i].text)}" overlaps "${shown(texts[j].text)}"`);
		}
	result(texts.length > 0, name + ': has text');
	result(!svg.querySelector('script'), name + ': no script');
}
result(document.title === 'good', 'no script of a name ran');
document.getElementById('found').textContent = '\n' + [...found, `${passed} passed, ${failed} failed`].join('\n') + '\n';
