export { default as twilio } from 'twilio'
