/// The places in a JSON body where an endpoint's request has its input, its bounds and its counts.
struct RequestLayout: Sendable {
    /// Members whose text the model reads.
    var texts: [String] = []
    /// Objects within `texts` that hold images, audio or video. Their text is not counted, their members are.
    var media: [String] = []
    /// The list of inputs. Each gets one output if the endpoint writes text.
    var items: String?
    /// Members that the upstream reads as a bound of one choice's output. The largest counts; the last is written into a
    /// request without a bound.
    var outputBounds = ["max_completion_tokens", "max_tokens"]
    /// The number of outputs that the model writes, of which it returns `n`.
    var attempts: String?
    /// The file of a batch's requests. Other members of such a body are not read.
    var inputFile: String?

    /// Parts of a chat message that are not text.
    static let messageMedia = ["image_url", "input_audio", "audio_url", "video_url", "file"]
        .map { "messages[].content[].\($0)" }
}
