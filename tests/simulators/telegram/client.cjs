// Drives a Bot API with grammY and prints what it saw. Arguments: where it is, the bot's token, the chat.
const { Api } = require('grammy');

const [apiRoot, token, chat] = process.argv.slice(2);
const api = new Api(token, { apiRoot });

const refused = (promise) =>
  promise.then((result) => result.message_id ?? result).catch((error) => [
    error.error_code,
    error.description,
    error.parameters?.retry_after ?? null,
  ]);

(async () => {
  const seen = { me: (await api.getMe()).username };
  seen.first = (await api.sendMessage(chat, 'Power is out.')).message_id;
  seen.reply = (await api.sendMessage(chat, 'It is back.', { reply_parameters: { message_id: seen.first } })).message_id;
  seen['4096'] = await refused(api.sendMessage(chat, 'x'.repeat(4096)));
  seen['4097'] = await refused(api.sendMessage(chat, 'x'.repeat(4097)));
  seen.stranger = await refused(new Api('1:wrong', { apiRoot }).getMe());
  seen.elsewhere = await refused(api.sendMessage('@elsewhere', 'Hello'));
  seen.deleted = await refused(api.deleteMessage(chat, seen.first));
  seen['deleted again'] = await refused(api.deleteMessage(chat, seen.first));
  console.log(JSON.stringify(seen));
})();
