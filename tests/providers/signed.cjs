// Signs a request as its header says, with another library. Arguments: method, URL, header, the app's and token's secrets.
const { OAuth1Helper } = require('twitter-api-v2/dist/cjs/client-mixins/oauth1.helper.js');

const [method, url, header, secret, tokenSecret] = process.argv.slice(2);
const info = {};
for (const [, key, value] of header.matchAll(/(oauth_\w+)="([^"]*)"/g)) info[key] = decodeURIComponent(value);
const { oauth_signature: ours, ...rest } = info;
const helper = new OAuth1Helper({ consumerKeys: { key: rest.oauth_consumer_key, secret } });
const theirs = helper.getSignature({ method, url, data: {} }, tokenSecret, rest);
console.log(JSON.stringify({ ours, theirs, token: rest.oauth_token }));
