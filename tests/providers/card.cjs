// Reads an Adaptive Card with its makers' own library: what it complains of, each line's text, each link.
const { AdaptiveCard, SerializationContext, Versions } = require('adaptivecards/dist/adaptivecards.js');

const context = new SerializationContext(Versions.v1_4);
const card = new AdaptiveCard();
card.parse(JSON.parse(process.argv[2]), context);
const complaints = Array.from({ length: context.eventCount }, (_, n) => context.getEventAt(n).message);
const lines = [];
const links = [];
for (let n = 0; n < card.getItemCount(); n += 1) {
  const block = card.getItemAt(n);
  let line = '';
  for (let run = 0; run < block.getInlineCount(); run += 1) {
    const inline = block.getInlineAt(run);
    line += inline.text;
    if (inline.selectAction) links.push(inline.selectAction.url);
  }
  lines.push(line);
}
console.log(JSON.stringify({ complaints, lines, links }));
