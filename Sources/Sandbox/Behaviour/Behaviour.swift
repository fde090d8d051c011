/// The behaviour of a response, as the model's name requests it.
///
/// A name is `sandbox`, or `sandbox:` and settings between commas. Each setting is `key=value`; no key is repeated:
///
///     sandbox:tokens=500,interval=10ms,backend=first-event
///
/// | key | value | meaning |
/// |---|---|---|
/// | `tokens` | 0 to 10000000 | words of each choice; `max_tokens` still bounds them |
/// | `prompt_tokens`, `cached` | 0 to 10000000 | numbers that `usage` states instead of the counted ones |
/// | `reasoning` | 0 to 10000000 | tokens of reasoning before the content, of each choice |
/// | `size` | bytes, `KiB`, `MiB`; at most 256MiB | bytes of the text, of the audio, of each image |
/// | `first` | `us`, `ms`, `s`, `m`; at most an hour | pause before the head |
/// | `interval` | `us`, `ms`, `s`, `m`; at most an hour | pause between events or pieces; between the pings of a WebSocket |
/// | `backend` | `both`, `header`, `body`, `first-event`, `none` | place of `id` and `backend`: headers, body (every event), both, the first event only, nowhere |
/// | `usage` | `standard`, `last-chunk`, `every-chunk`, `none` | place of a stream's usage; `none` is for plain responses, too. In transcriptions `last-chunk` means segments without a duration, `none` neither |
/// | `agent` | `shell` | runs commands of the conversation with the offered tool (`AgentScript`) |
/// | `strict` | `on`, `off` | refuses all that is not of a chat completion (`StrictChat`) |
/// | `encoding` | `gzip`, `identity` | gzip if the client accepts it |
/// | `fault` | see `Fault` | a fault of the response |
///
/// Settings hold for every endpoint to which they apply. The models of the catalogue behave as `sandbox`.
struct Behaviour: Sendable, Equatable {
    enum BackendPlace: String, Sendable { case both, header, body, firstEvent = "first-event", none }
    enum UsagePlace: String, Sendable { case standard, lastChunk = "last-chunk", everyChunk = "every-chunk", none }

    var tokens: Int?
    var promptTokens: Int?
    var cachedTokens: Int?
    var reasoning: Int?
    var size: Int?
    var first = Duration.zero
    var interval = Duration.zero
    var backend = BackendPlace.both
    var usage = UsagePlace.standard
    /// Runs the commands of the conversation.
    var isAgent = false
    /// Refuses all that is not of a chat completion.
    var isStrict = false
    var gzip = false
    var fault: Fault?

    static let standard = Behaviour()

    var hasHeaderIdentity: Bool { backend == .both || backend == .header }
    var hasBodyIdentity: Bool { backend == .both || backend == .body }
}
