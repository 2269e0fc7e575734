// Asks the route `active` twice, plain and streaming, as docs/clients.md shows it; prints one JSON line.
import OpenAI from "openai";

const client = new OpenAI(); // OPENAI_BASE_URL and OPENAI_API_KEY, as `modelctl client env` sets them
const messages = [{ role: "user", content: "hello" }];

const { data, response } = await client.chat.completions.create({ model: "active", messages }).withResponse();
const stream = await client.chat.completions.create({ model: "active", messages, stream: true });
let streamed = "";
for await (const chunk of stream) streamed += chunk.choices[0]?.delta?.content ?? "";

const answered = response.headers.get("x-litellm-model-id");
console.log(JSON.stringify({ plain: data.choices[0].message.content, streamed, answered }));
