// Counts texts as X does, with its own library. Argument: a list of texts as JSON.
const { parseTweet } = require('twitter-text').default ?? require('twitter-text');

console.log(JSON.stringify(JSON.parse(process.argv[2]).map((text) => parseTweet(text).weightedLength)));
