module.exports = { name: 'Corner' };
