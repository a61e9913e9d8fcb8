// Vonage's own libraries: send one message, or judge the signature of a report.
'use strict';
const { Auth } = require('@vonage/auth');
const { Messages, SMS } = require('@vonage/messages');
const { verifySignature } = require('@vonage/jwt');

const asked = {
  send: async ({ url, key, secret, message }) => {
    const auth = new Auth({ apiKey: key, apiSecret: secret });
    const answer = await new Messages(auth, { apiHost: url }).send(new SMS(message));
    return { id: answer.messageUUID };
  },
  verify: async ({ token, secret }) => verifySignature(token, secret),
};
const given = JSON.parse(process.argv[2]);
asked[given.ask](given)
  .catch((error) => ({ error: String(error.message), status: error.response?.status }))
  .then((said) => console.log(JSON.stringify(said)));
