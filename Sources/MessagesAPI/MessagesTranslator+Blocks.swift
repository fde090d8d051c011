import Bytes
import OpenAIAPI
import Scanners

/// The blocks of the content. One ends before the next begins.
extension MessagesTranslator {
    /// The replacement of the signature of thinking, without which clients drop it. It says nothing, and requests may send it back.
    private static let signature = Array("cHJvcHlsb24=".utf8)

    func begin(_ part: ChatOutputPart) {
        guard isShown(part), writesEvents else { return }
        block = part
        writer.begin("content_block_start")
        writePlace()
        writer.append(#","content_block":"#)
        writer.json { Self.append(part, text: [], signature: [], to: &$0) }
        writer.end()
    }

    func append(_ text: Span<UInt8>) {
        guard writesEvents else { return self.text.append(text) }
        switch block {
        case .reasoning: writeDelta(#""thinking_delta","thinking":""#, text)
        case .text, .refusal: writeDelta(#""text_delta","text":""#, text)
        case .call: writeDelta(#""input_json_delta","partial_json":""#, text)
        case nil: break
        }
    }

    func end(_ part: ChatOutputPart) {
        guard isShown(part) else { return text.removeAll() }
        if writesEvents {
            if part == .reasoning { writeDelta(#""signature_delta","signature":""#, Self.signature.span) }
            block = nil
            writer.begin("content_block_stop")
            writePlace()
            writer.end()
        } else {
            if blockCount > 0 { blocks.append(ASCII.comma) }
            Self.append(part, text: text, signature: Self.signature, to: &blocks)
            text.removeAll()
        }
        blockCount += 1
    }

    private func isShown(_ part: ChatOutputPart) -> Bool { part != .reasoning || showsThinking }

    private func writePlace() {
        writer.append(#","index":"#)
        writer.append(blockCount)
    }

    /// Writes a delta. `members` are its type and the beginning of its text.
    private func writeDelta(_ members: StaticString, _ text: Span<UInt8>) {
        writer.begin("content_block_delta")
        writePlace()
        writer.append(#","delta":{"type":"#)
        writer.append(members)
        writer.append(text)
        writer.append(#""}"#)
        writer.end()
    }

    /// Appends a block as a JSON object. `text` and `signature` are contents of JSON strings; both are empty at its beginning.
    private static func append(
        _ part: ChatOutputPart, text: [UInt8], signature: [UInt8], to output: inout [UInt8]
    ) {
        switch part {
        case .text, .refusal:
            output.append(#"{"type":"text","text":""#)
            output.append(contentsOf: text)
            output.append(#""}"#)
        case .reasoning:
            output.append(#"{"type":"thinking","thinking":""#)
            output.append(contentsOf: text)
            output.append(#"","signature":""#)
            output.append(contentsOf: signature)
            output.append(#""}"#)
        case .call(let id, let name):
            output.append(#"{"type":"tool_use","id":""#)
            output.append(contentsOf: id)
            output.append(#"","name":""#)
            output.append(contentsOf: name)
            output.append(#"","input":"#)
            appendInput(text, to: &output)
            output.append(ASCII.closingBrace)
        }
    }

    /// Appends the object that escaped arguments are; as a member of one if the model has written no object.
    private static func appendInput(_ arguments: [UInt8], to output: inout [UInt8]) {
        guard !arguments.isEmpty else { return output.append("{}") }
        let document = JSONDocument()
        var scanner = JSONScanner(JSONPathSet([]))
        do throws(JSONError) { try document.read(arguments.span.decodedJSONText(), with: &scanner) } catch {}
        if let object = document.root, object.kind == .object {
            output.append(contentsOf: object.bytes)
        } else {
            output.append(#"{"arguments":""#)
            output.append(contentsOf: arguments)
            output.append(#""}"#)
        }
    }
}
