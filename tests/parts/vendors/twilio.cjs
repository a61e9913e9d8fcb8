// Twilio's own library: sends one message, looks up its account, signs a report, or judges a signature.
'use strict';
const twilio = require('twilio');
const { getExpectedTwilioSignature } = require('twilio/lib/webhooks/webhooks');

/** A client whose requests go to our server instead of Twilio's. */
const client = ({ url, sid, token }) => {
  const real = new twilio.RequestClient();
  const request = (given) => real.request({ ...given, uri: given.uri.replace('https://api.twilio.com', url) });
  return twilio(sid, token, { httpClient: { request } });
};

const asked = {
  send: async (given) => {
    const { sid, status } = await client(given).messages.create(given.message);
    return { sid, status };
  },
  account: async (given) => (await client(given).api.v2010.accounts(given.sid).fetch()).status,
  sign: async ({ token, url, fields }) => getExpectedTwilioSignature(token, url, fields),
  validate: async ({ token, signature, url, fields }) => twilio.validateRequest(token, signature, url, fields),
};
const given = JSON.parse(process.argv[2]);
asked[given.ask](given)
  .catch((error) => ({ code: error.code, status: error.status }))
  .then((said) => console.log(JSON.stringify(said)));
