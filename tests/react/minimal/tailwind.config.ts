export default { content: ["src/**/*.tsx"] };
