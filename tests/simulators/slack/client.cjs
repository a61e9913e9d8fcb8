// Posts a text to a webhook with Slack's own client. Arguments: the webhook's address, the text.
const { IncomingWebhook } = require('@slack/webhook');

const [url, text] = process.argv.slice(2);
new IncomingWebhook(url)
  .send({ text })
  .then((result) => ({ said: result.text }))
  .catch((error) => ({ error: error.code, status: error.statusCode, body: error.body }))
  .then((seen) => console.log(JSON.stringify(seen)));
