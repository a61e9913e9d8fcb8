// Sends one mail with SendGrid's own client, and says what it was answered.
'use strict';
const sendgrid = require('@sendgrid/mail');

const { url, key, mail } = JSON.parse(process.argv[2]);
sendgrid.setApiKey(key);
sendgrid.client.setDefaultRequest('baseUrl', url);
sendgrid
  .send(mail)
  .then(([answer]) => ({ status: answer.statusCode, id: answer.headers['x-message-id'] }))
  .catch((error) => ({ status: error.code, said: error.response?.body?.errors?.[0]?.message }))
  .then((said) => console.log(JSON.stringify(said)));
