/// The places in a JSON body where an endpoint's request has its input, its bounds and its counts.
struct RequestLayout: Sendable {
    /// Members whose text the model reads. The empty path is the whole body.
    var texts: [String] = []
    /// Places within `texts` that hold images, sounds or documents. No two overlap.
    var media: [Medium] = []
    /// The text that the model reads once with each of `items`. Elsewhere it reads all text once.
    var repeatedText: String?
    /// The list of inputs. Each gets one output if the endpoint writes text.
    var items: String?
    /// Members that the upstream reads as a bound of one choice's output. The largest counts; the last is written into a
    /// request without a bound.
    var outputBounds = ["max_completion_tokens", "max_tokens"]
    /// The number of outputs that the model writes, of which it returns `n`.
    var attempts: String?
    /// The file of a batch's requests, and their endpoint. Other members of such a body are not read.
    var inputFile: String?
    var batchEndpoint: String?
    /// The request may have its response stored, and may go on from a stored one or from a conversation.
    var namesStored = false
    /// The member that names the client's user.
    var user = "user"

    /// Parts of a chat message that are not text.
    static let messageMedia = ["image_url", "input_audio", "audio_url", "video_url", "file"]
        .map { Medium("messages[].content[].\($0)", $0 == "image_url" ? .image : $0 == "file" ? .document : .timed) }

    /// The Responses API. What an earlier response of `previous_response_id` adds is not in the body, and is not bounded.
    static let responses = RequestLayout(
        texts: ["instructions", "input", "tools"],
        media: [
            Medium("input[].content[].image_url", .image), Medium("input[].output[].image_url", .image),
            Medium("input[].content[].input_audio", .timed), Medium("input[].content[].file_data", .document),
        ],
        outputBounds: ["max_output_tokens"], namesStored: true)

    /// Anthropic's Messages API. A `source` may be an image, and may as well be text.
    static let messages = RequestLayout(
        texts: ["system", "messages", "tools"],
        media: [
            Medium("messages[].content[].source", .document),
            Medium("messages[].content[].content[].source", .document),
        ],
        outputBounds: ["max_tokens"], user: "metadata.user_id")
}

/// A place in a body that holds something other than text, as Base64 or as a URL.
struct Medium: Sendable {
    /// The way in which the tokens of a medium are bounded. See `TokenEstimate` for the numbers.
    enum Kind: Sendable, Equatable {
        /// A number of tokens each: models scale images down.
        case image
        /// The same, and tokens by its bytes: sounds and videos have a duration.
        case timed
        /// The same, and one token for each byte, as for text: the model may read the text in it.
        case document
    }

    let path: String
    let kind: Kind

    init(_ path: String, _ kind: Kind) {
        self.path = path
        self.kind = kind
    }
}
