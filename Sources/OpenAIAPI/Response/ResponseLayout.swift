/// The places in a JSON response, or in the events of a streamed one, where an endpoint has its text, images and usage.
struct ResponseLayout: Sendable {
    /// The text is written by the model, within the bound that the request sets.
    var writesText = false
    /// The document's `id` is that of the response. Elsewhere it is that of a model, a file or another resource.
    var hasOwnID = false
    /// The object in events that has the id and the model of the response, with its point; empty for the event itself.
    var eventHead = ""
    /// A stream states its usage if `stream_options.include_usage` requests it.
    var streamsUsage = false
    /// Text in the `message` of each choice, or in its `delta` in events.
    var messageTexts: [String] = []
    /// Names of the reasoning in the same object. Some servers send it under both names: the longer text counts.
    var messageReasonings: [String] = []
    /// Text elsewhere in the document. The empty path is the whole document: where the form is unknown, all strings may be
    /// output.
    var texts: [String] = []
    /// The list of images.
    var images: String?
    var usage = UsageLayout.any

    /// Chat completions and completions, which some servers serve in the same form.
    static let generation = ResponseLayout(
        writesText: true, hasOwnID: true, streamsUsage: true,
        messageTexts: [
            "content", "refusal", "function_call.arguments", "tool_calls[].function.arguments",
            "tool_calls[].function.name",
        ],
        messageReasonings: ["reasoning_content", "reasoning"], texts: ["choices[].text"], usage: .generation)

    /// The Responses API. Events that repeat text that has passed are not counted again.
    static let responses = ResponseLayout(
        writesText: true, hasOwnID: true, eventHead: "response.",
        texts: [
            "output[].content[].text", "output[].content[].refusal", "output[].arguments", "output[].summary[].text",
            "delta",
        ], usage: .responses)

    /// Anthropic's Messages API.
    static let messages = ResponseLayout(
        writesText: true, hasOwnID: true, eventHead: "message.",
        texts: [
            "content[].text", "content[].thinking", "content[].input", "delta.text", "delta.thinking",
            "delta.partial_json",
        ], usage: .messages)
}
