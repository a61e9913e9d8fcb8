// sns-validator's opinion of messages of SNS. Its certificate comes from a file instead of Amazon.
'use strict';
const fs = require('node:fs');
const { Readable } = require('node:stream');

const given = JSON.parse(process.argv[2]);
require('node:https').get = (_url, callback) => {
  const answer = Readable.from([fs.readFileSync(given.certificate)]);
  answer.statusCode = 200;
  callback(answer);
  return { on: () => {} };
};
const Validator = require('sns-validator');

const judge = (body) =>
  new Promise((resolve) => new Validator().validate(body, (error) => resolve(error ? error.message : 'valid')));
Promise.all(given.bodies.map(judge)).then((said) => console.log(JSON.stringify(said)));
