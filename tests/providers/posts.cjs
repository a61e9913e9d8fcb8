// Posts a text and deletes it, with a place's own client. Arguments: the place, the server in its stead, the text.
const [place, base, text] = process.argv.slice(2);

async function facebook() {
  const { FacebookAdsApi, Page, Post } = require('facebook-nodejs-business-sdk');
  Object.defineProperty(FacebookAdsApi, 'GRAPH', { get: () => base });
  Object.defineProperty(FacebookAdsApi, 'VERSION', { get: () => 'v24.0' });
  FacebookAdsApi.init('token', 'en_US', false);
  const post = await new Page('100').createFeed([], { message: text });
  await new Post(post.id).delete();
}

async function linkedin() {
  const { RestliClient } = require('linkedin-api-client');
  const client = new RestliClient();
  client.axiosInstance.interceptors.request.use((request) => ({
    ...request,
    url: request.url.replace('https://api.linkedin.com', base),
  }));
  const common = { accessToken: 'token', versionString: '202610' };
  const made = await client.create({
    ...common,
    resourcePath: '/posts',
    entity: { author: 'urn:li:organization:2414183', commentary: text, visibility: 'PUBLIC' },
  });
  await client.delete({ ...common, resourcePath: '/posts/{id}', pathKeys: { id: made.createdEntityId } });
}

async function x() {
  // The library speaks TLS only, and our server in X's stead does not.
  require('node:https').request = require('node:http').request;
  const { TwitterApi } = require('twitter-api-v2');
  const client = new TwitterApi({ appKey: 'k', appSecret: 's', accessToken: '1-token', accessSecret: 't' });
  client.v2.setPrefix(`${base}/2/`);
  const first = await client.v2.tweet(text);
  const second = await client.v2.reply(text, first.data.id);
  await client.v2.deleteTweet(second.data.id);
}

({ facebook, linkedin, x })[place]()
  .then(() => ({ deleted: true }))
  .catch((error) => ({ error: String(error), detail: error.response?.data }))
  .then((seen) => console.log(JSON.stringify(seen)));
