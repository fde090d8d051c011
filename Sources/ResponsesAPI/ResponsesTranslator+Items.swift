import Bytes
import OpenAIAPI
import Scanners

/// The items of the output. One ends before the next begins, so that their places are those of their beginnings.
extension ResponsesTranslator {
    func start() {
        for type in ["response.created", "response.in_progress"] as [StaticString] {
            event(type) {
                writer.append(#","response":"#)
                writer.append(object(.inProgress, completedAt: nil))
            }
        }
    }

    func begin(_ part: ChatOutputPart) {
        let item = ResponsesItem(kind(of: part), number: itemCount, of: context)
        self.item = item
        writeItem("response.output_item.added", item, .begun)
        writePart("response.content_part.added", item)
    }

    func append(_ text: Span<UInt8>) {
        guard hasRoom(for: text.count), let kind = item?.kind else { return }
        item?.text.append(text)
        switch kind {
        case .reasoning: writeDelta("response.reasoning_text.delta", text, hasPart: true)
        case .message: writeDelta("response.output_text.delta", text, hasPart: true, #","logprobs":[]"#)
        case .refusal: writeDelta("response.refusal.delta", text, hasPart: true)
        case .call: writeDelta("response.function_call_arguments.delta", text, hasPart: false)
        // The text is within the arguments, so it is known at their end only.
        case .customCall: break
        }
    }

    func end(_ part: ChatOutputPart) {
        guard var item else { return }
        self.item = nil
        complete(&item)
        let status: ResponsesItem.Status = reader.isCut ? .incomplete : .completed
        writeDone(item)
        writePart("response.content_part.done", item)
        writeItem("response.output_item.done", item, status)
        if itemCount > 0 { items.append(ASCII.comma) }
        item.append(status, to: &items)
        itemCount += 1
    }

    private func kind(of part: ChatOutputPart) -> ResponsesItem.Kind {
        switch part {
        case .reasoning: return .reasoning
        case .text: return .message
        case .refusal: return .refusal
        case .call(let id, let name):
            guard let origin = origins[name.span.decodedJSONText()] else {
                return .call(id: id, name: name, namespace: nil)
            }
            return origin.isCustom
                ? .customCall(id: id, name: origin.name, namespace: origin.namespace)
                : .call(id: id, name: origin.name, namespace: origin.namespace)
        }
    }

    /// Completes the text of a call.
    private func complete(_ item: inout ResponsesItem) {
        switch item.kind {
        case .call where item.text.isEmpty && !reader.isCut:
            // Clients parse the arguments, and no arguments are no JSON.
            item.text.append("{}")
            writeDelta("response.function_call_arguments.delta", item.text.span, of: item, hasPart: false)
        case .customCall:
            item.text = ResponsesTools.unwrapped(item.text)
            guard !item.text.isEmpty else { break }
            writeDelta("response.custom_tool_call_input.delta", item.text.span, of: item, hasPart: false)
        default: break
        }
    }

    // MARK: Events

    private func writeItem(_ type: StaticString, _ item: ResponsesItem, _ status: ResponsesItem.Status) {
        event(type) {
            writer.append(#","output_index":"#)
            writer.append(itemCount)
            writer.append(#","item":"#)
            writer.json { item.append(status, to: &$0) }
        }
    }

    private func writePlace(_ item: ResponsesItem, hasPart: Bool) {
        writer.append(#","item_id":""#)
        writer.append(item.id)
        writer.append(#"","output_index":"#)
        writer.append(itemCount)
        if hasPart { writer.append(#","content_index":0"#) }
    }

    /// Writes an event about the content part, if the item has one.
    private func writePart(_ type: StaticString, _ item: ResponsesItem) {
        switch item.kind {
        case .call, .customCall: return
        case .message, .reasoning, .refusal: break
        }
        event(type) {
            writePlace(item, hasPart: true)
            writer.append(#","part":"#)
            writer.json { item.appendPart(to: &$0) }
        }
    }

    private func writeDelta(
        _ type: StaticString, _ text: Span<UInt8>, hasPart: Bool, _ members: StaticString = ""
    ) {
        guard let item else { return }
        writeDelta(type, text, of: item, hasPart: hasPart, members)
    }

    private func writeDelta(
        _ type: StaticString, _ text: Span<UInt8>, of item: ResponsesItem, hasPart: Bool, _ members: StaticString = ""
    ) {
        event(type) {
            writePlace(item, hasPart: hasPart)
            writer.append(members)
            writer.append(#","delta":""#)
            writer.append(text)
            writer.append(#"""#)
        }
    }

    private func writeDone(_ item: ResponsesItem) {
        switch item.kind {
        case .reasoning: writeDone("response.reasoning_text.done", item, #","content_index":0,"text":""#)
        case .message: writeDone("response.output_text.done", item, #","content_index":0,"logprobs":[],"text":""#)
        case .refusal: writeDone("response.refusal.done", item, #","content_index":0,"refusal":""#)
        case .call: writeDone("response.function_call_arguments.done", item, #","arguments":""#)
        case .customCall: writeDone("response.custom_tool_call_input.done", item, #","input":""#)
        }
    }

    private func writeDone(_ type: StaticString, _ item: ResponsesItem, _ member: StaticString) {
        event(type) {
            writePlace(item, hasPart: false)
            writer.append(member)
            writer.append(item.text)
            writer.append(#"""#)
        }
    }
}
