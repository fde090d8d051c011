import Bytes
import OpenAIAPI
import Scanners

/// Requests of Anthropic's Messages API as requests for chat completions.
///
/// ```swift
/// let translated = try MessagesRequest.translated(body, context)
/// send(translated.pieces)
/// translated.response.receive(bytes, at: now, to: &output)
/// translated.response.finish(at: now, to: &output)
/// ```
package enum MessagesRequest {
    private static let members = JSONPathSet(
        [
            "model", "messages", "system", "tools", "tool_choice", "stream", "max_tokens", "thinking", "output_config",
            "output_format", "stop_sequences", "temperature", "top_p", "metadata", "thread",
        ].map { JSONPath($0, duplicates: .refuse) }, captureLimit: 0)

    /// Translates the body of `POST /v1/messages`, or of `/v1/messages/count_tokens`.
    ///
    /// - Throws: 400 that names the member which has no counterpart, or is malformed. `MessagesError` has its body.
    package static func translated(
        _ body: [UInt8], _ context: TranslationContext
    ) throws(APIError) -> TranslatedRequest {
        let root = try RequestDocument.root(of: body, members)
        try refuseServers(root)
        let tools = try MessagesTools(root)
        var writer = ChatRequestWriter(of: body)
        if let model = root["model"] { writer.member("model", model) }
        writer = try MessagesInput.write(root, ChatMessageWriter(writer, forwardsReasoning: context.forwardsReasoning))
        tools.write(to: &writer)
        try writeOptions(of: root, to: &writer)
        if try root.boolean("stream") ?? false { writer.stream() }
        let response = MessagesTranslator(context, model: root["model"], showsThinking: showsThinking(root))
        return TranslatedRequest(pieces: writer.finish(), dropped: tools.dropped, response: response)
    }

    /// The response of `/v1/messages/count_tokens`.
    package static func countBody(_ tokens: Int64) -> [UInt8] { Array(#"{"input_tokens":\#(tokens)}"#.utf8) }

    /// Refuses what runs, or is stored, on Anthropic's servers.
    private static func refuseServers(_ root: JSONValue) throws(APIError) {
        if root["thread"] != nil { throw .unstoredThread }
        if let servers = root["mcp_servers"], servers.kind != .array || servers.elements.contains(where: { _ in true })
        {
            throw .untranslatable("mcp_servers", "This server connects to no others. Connect from the client.")
        }
        if root["container"] != nil {
            throw .untranslatable("container", "No code runs on this server. Leave it out.")
        }
    }

    /// True if the client has asked for the model's thinking. Others expect text in the first block of the content.
    private static func showsThinking(_ root: JSONValue) -> Bool {
        guard let thinking = root["thinking"], let type = thinking["type"] else { return false }
        return (type.equals("enabled") || type.equals("adaptive")) && thinking["display"]?.equals("omitted") != true
    }

    private static func writeOptions(of root: JSONValue, to writer: inout ChatRequestWriter) throws(APIError) {
        for name in ["max_tokens", "temperature", "top_p"] as [StaticString] {
            if let value = root[name] { writer.member(name, value) }
        }
        if let sequences = try root.array("stop_sequences"), sequences.elements.contains(where: { _ in true }) {
            writer.member("stop", sequences)
        }
        if let user = root["metadata"]?["user_id"] { writer.member("user", user) }
        let configuration = root["output_config"]
        if let effort = configuration?["effort"] { writer.reasoningEffort(effort) }
        guard let format = configuration?["format"] ?? root["output_format"] else { return }
        guard format["type"]?.equals("json_schema") == true, let schema = format["schema"] else {
            throw .invalidValue("output_config.format", "a json_schema with its schema")
        }
        writer.responseSchema(schema)
    }
}
