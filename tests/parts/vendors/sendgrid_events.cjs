// The opinion of SendGrid's own library of signed events.
'use strict';
const { EventWebhook } = require('@sendgrid/eventwebhook');

const { key, timestamp, cases } = JSON.parse(process.argv[2]);
const webhook = new EventWebhook();
const read = webhook.convertPublicKeyToECDSA(key);
const judge = ({ body, signature }) => webhook.verifySignature(read, body, signature, timestamp);
console.log(JSON.stringify(cases.map(judge)));
