/// Metadata extracted from a request body. Contains no text of it except names.
package struct RequestMetadata: Sendable {
    /// The maximum of choices or images in one request. Far above what upstreams accept; sums of such counts do not
    /// overflow.
    package static let choicesLimit: Int64 = 1_000_000

    /// The model as the client named it.
    package var model: String?
    /// The range of the model in the body: a JSON string with its quotes, or the value of a multipart field.
    package var modelRange: Range<Int>?
    /// The body is `multipart/form-data`; otherwise it is JSON or was not read.
    package var isMultipart = false
    /// The client requests a streamed response.
    package var stream = false
    /// The client requests the usage of a stream.
    package var includeUsage = false
    /// The most output tokens that the client requests for one choice, at least 1: the larger of `max_completion_tokens` and
    /// `max_tokens`, since servers differ on which of them counts.
    package var maxOutputTokens: Int64?
    /// The number of choices requested (`n`), at least 1.
    package var choices: Int64 = 1
    /// The number of outputs that the model writes, each up to `maxOutputTokens`: one for each choice of each prompt,
    /// or for each of a completion's `best_of`.
    package var generations: Int64 = 1
    /// The cleaned user that the body names; nil if it is longer than `RequestScanner.captureLimit` bytes.
    package var user: String?
    /// The quantities of the request that are billed or limited.
    package var counters = RequestCounters()
    /// The part of the request that is about a batch; nil for most requests.
    package var batch: BatchMetadata?
    /// The part of the request that is about what the upstream stores; nil for endpoints that store nothing.
    package var stored: StoredReferences?

    /// The place where a model can be written into a body that names none.
    var modelPlace = ModelPlace.none
    /// The place where a bound of the output can be written.
    var outputBoundPlace = OutputBoundPlace.none
    /// The place where a stream's usage can be requested.
    var streamOptions = StreamOptions.none

    /// Creates the metadata of an unread body.
    package init() {}

    /// The place of a model in a body that names none.
    enum ModelPlace: Sendable, Equatable {
        /// The body names a model, or is not read for one.
        case none
        /// A member can be inserted here, followed by a comma unless the object `isEmpty`.
        case member(insertAt: Int, isEmpty: Bool)
        /// A part can be inserted here, before the first delimiter.
        case part(insertAt: Int, boundary: [UInt8])
    }

    /// The place of a bound in a body that sets none.
    enum OutputBoundPlace: Sendable, Equatable {
        /// The body is not a JSON object, or sets a bound.
        case none
        /// `member` can be inserted here, followed by a comma unless the object `isEmpty`.
        case absent(member: String, insertAt: Int, isEmpty: Bool)
        /// This `null` can be replaced.
        case null(Range<Int>)
    }

    /// Returns true if a bound of the output can be written into the body.
    package var canBeBounded: Bool { outputBoundPlace != .none }

    /// The form and place of `stream_options`.
    enum StreamOptions: Sendable, Equatable {
        /// The body is not a JSON object.
        case none
        /// Absent. A member can be inserted here, followed by a comma unless the object `isEmpty`.
        case absent(insertAt: Int, isEmpty: Bool)
        /// `null` at this range.
        case null(Range<Int>)
        /// An object without `include_usage` whose content begins here.
        case object(insertAt: Int, isEmpty: Bool)
        /// An object whose `include_usage` has its value at this range.
        case member(Range<Int>)
    }
}

/// The part of a request that is about a batch: its creation, or the upload of its input file. An object, since few requests have it.
package final class BatchMetadata: Sendable, Equatable {
    /// The id of the file with the lines of a new batch.
    package let inputFileID: String?
    /// The path that the lines of a new batch are for, as `/v1/chat/completions`.
    package let endpoint: String?
    /// The lines of an uploaded file whose purpose is `batch`; nil where they were not seen as the upstream sees them.
    package let input: BatchInput?

    init(inputFileID: String? = nil, endpoint: String? = nil, input: BatchInput? = nil) {
        self.inputFileID = inputFileID
        self.endpoint = endpoint
        self.input = input
    }

    package static func == (left: BatchMetadata, right: BatchMetadata) -> Bool {
        left.inputFileID == right.inputFileID && left.endpoint == right.endpoint && left.input == right.input
    }
}
