// Verifies a webhook with the library of Standard Webhooks. Arguments: the key, the headers as JSON, the body.
const { Webhook } = require('standardwebhooks');

const [key, headers, body] = process.argv.slice(2);
try {
  console.log(JSON.stringify({ verified: new Webhook(key).verify(body, JSON.parse(headers)) }));
} catch (error) {
  console.log(JSON.stringify({ refused: error.message }));
}
