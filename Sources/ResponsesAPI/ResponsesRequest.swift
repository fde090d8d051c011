import Bytes
import OpenAIAPI
import Scanners

/// Requests of the Responses API as requests for chat completions.
///
/// ```swift
/// let translated = try ResponsesRequest.translated(body, context)
/// send(translated.pieces)
/// translated.response.receive(bytes, at: now, to: &output)
/// translated.response.finish(at: now, to: &output)
/// ```
package enum ResponsesRequest {
    private static let members = JSONPathSet(
        [
            "model", "input", "instructions", "tools", "tool_choice", "stream", "max_output_tokens", "store",
            "previous_response_id", "conversation", "background", "text", "reasoning", "temperature", "top_p", "user",
            "parallel_tool_calls",
        ].map { JSONPath($0, duplicates: .refuse) }, captureLimit: 0)

    /// Translates the body of `POST /v1/responses`, or of `/v1/responses/input_tokens`.
    ///
    /// - Throws: 400 that names the member which has no counterpart, or is malformed.
    package static func translated(
        _ body: [UInt8], _ context: TranslationContext
    ) throws(APIError) -> TranslatedRequest {
        let root = try RequestDocument.root(of: body, members)
        try refuseState(root)
        let tools = try ResponsesTools(root)
        var writer = ChatRequestWriter(of: body)
        if let model = root["model"] { writer.member("model", model) }
        writer = try ResponsesInput.write(root, ChatMessageWriter(writer, forwardsReasoning: context.forwardsReasoning))
        tools.write(to: &writer)
        try writeOptions(of: root, hasTools: !tools.isEmpty, to: &writer)
        if try root.boolean("stream") ?? false { writer.stream() }
        let response = ResponsesTranslator(context, model: root["model"], echo: ResponsesEcho.members(of: root), tools)
        return TranslatedRequest(pieces: writer.finish(), dropped: tools.dropped, response: response)
    }

    /// The response of `/v1/responses/input_tokens`.
    package static func countBody(_ tokens: Int64) -> [UInt8] {
        Array(#"{"object":"response.input_tokens","input_tokens":\#(tokens)}"#.utf8)
    }

    /// Refuses what needs responses that are stored.
    private static func refuseState(_ root: JSONValue) throws(APIError) {
        if try root.boolean("store") ?? false {
            throw .untranslatable(
                "store", "Responses are not stored on this server. Send 'store' as false, or leave it out.")
        }
        if try root.boolean("background") ?? false {
            throw .untranslatable(
                "background", "Responses are not stored on this server. Wait for the response, or stream it.")
        }
        if root["previous_response_id"] != nil { throw .nothingStored("previous_response_id") }
        if root["conversation"] != nil { throw .nothingStored("conversation") }
        if root["prompt"] != nil {
            throw .untranslatable("prompt", "Prompts are not stored on this server. Send their text as 'instructions'.")
        }
    }

    private static func writeOptions(
        of root: JSONValue, hasTools: Bool, to writer: inout ChatRequestWriter
    ) throws(APIError) {
        if let bound = root["max_output_tokens"] {
            guard let tokens = bound.integer, tokens > 0 else {
                throw .invalidValue("max_output_tokens", "an integer of at least 1")
            }
            writer.member("max_tokens", bound)
        }
        for name in ["temperature", "top_p", "presence_penalty", "frequency_penalty", "user"] as [StaticString] {
            if let value = root[name] { writer.member(name, value) }
        }
        if hasTools, let parallel = root["parallel_tool_calls"] { writer.member("parallel_tool_calls", parallel) }
        if let effort = root["reasoning"]?["effort"] { writer.member("reasoning_effort", effort) }
        guard let format = root["text"]?["format"] else { return }
        let type = format["type"]
        if type?.equals("json_schema") == true {
            guard let schema = format["schema"] else { throw .missingMember("text.format.schema") }
            writer.responseSchema(
                schema, name: format["name"], description: format["description"], strict: format["strict"])
        } else if type?.equals("json_object") == true {
            writer.member("response_format", #"{"type":"json_object"}"#)
        } else if type?.equals("text") != true {
            throw .invalidValue("text.format.type", "text, json_object or json_schema")
        }
    }
}
