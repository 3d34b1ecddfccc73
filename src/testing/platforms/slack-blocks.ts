import { isObject, isText } from './values.ts'

// What Slack says of blocks in its Block Kit reference, written apart from the target that makes them.
type Check = (value: unknown) => boolean

const blockTypes = new Set([
  'actions',
  'context',
  'divider',
  'file',
  'header',
  'image',
  'input',
  'markdown',
  'rich_text',
  'section',
  'table',
  'video',
])
const mostBlocks = 50
const mostFields = 10
const mostElements = { actions: 25, context: 10 }

/** Whether Slack would take these blocks. */
export function areBlocks(value: unknown): boolean {
  return isListOf(value, mostBlocks, isBlock)
}

function isBlock(block: unknown): boolean {
  if (!isObject(block) || typeof block['type'] !== 'string' || !blockTypes.has(block['type'])) return false
  const { type, block_id: id } = block
  if (id !== undefined && !isText(id, 255)) return false
  switch (type) {
    case 'header':
      return isPlain(block['text'], 150)
    case 'section':
      return isSection(block)
    case 'context':
      return isListOf(block['elements'], mostElements.context, isContextElement)
    case 'actions':
      return isListOf(block['elements'], mostElements.actions, isElement)
    case 'image':
      return isImage(block)
    default:
      return true
  }
}

function isSection({ text, fields, accessory }: Readonly<Record<string, unknown>>): boolean {
  if (text === undefined && fields === undefined) return false
  if (text !== undefined && !isTextObject(text, 3000)) return false
  if (fields !== undefined && !isListOf(fields, mostFields, (field) => isTextObject(field, 2000)))
    return false
  return accessory === undefined || isElement(accessory)
}

const isContextElement: Check = (element) =>
  isTextObject(element, 3000) || (isObject(element) && element['type'] === 'image' && isImage(element))

const isElement: Check = (element) => {
  if (!isObject(element) || typeof element['type'] !== 'string') return false
  if (element['type'] !== 'button') return true
  const { text, url, value, action_id: id, style } = element
  return (
    isPlain(text, 75) &&
    (url === undefined || (isText(url, 3000) && URL.canParse(url))) &&
    (value === undefined || isText(value, 2000)) &&
    (id === undefined || isText(id, 255)) &&
    (style === undefined || style === 'primary' || style === 'danger')
  )
}

function isImage({ image_url: url, alt_text: alt }: Readonly<Record<string, unknown>>): boolean {
  return isText(url, 3000) && isText(alt, 2000)
}

function isPlain(value: unknown, max: number): boolean {
  return isTextObject(value, max) && (value as { readonly type: unknown }).type === 'plain_text'
}

/** A composition object of text; what belongs to one type is refused in the other. */
function isTextObject(value: unknown, max: number): boolean {
  if (!isObject(value)) return false
  const { type, text, emoji, verbatim, ...others } = value
  if (Object.keys(others).length > 0 || !isText(text, max) || text.trim() === '') return false
  if (type === 'plain_text') return verbatim === undefined && isOptionalBoolean(emoji)
  return type === 'mrkdwn' && emoji === undefined && isOptionalBoolean(verbatim)
}

function isOptionalBoolean(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean'
}

function isListOf(value: unknown, max: number, is: Check): boolean {
  return Array.isArray(value) && value.length > 0 && value.length <= max && value.every(is)
}
