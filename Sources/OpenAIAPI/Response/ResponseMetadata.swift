/// What the gateway learns of an answer as it passes. No text of it is kept but the names in it.
package struct ResponseMetadata: Equatable, Sendable {
    /// The upstream's `id`: printable ASCII of at most 256 bytes, so that it may stand in a header.
    package var id: String?
    /// The answer's `backend` object as compact JSON in ASCII: its members as the upstream wrote them, without the white space
    /// between them; at most `backendLimit` bytes, so that it may stand in a header.
    package var backend: String?
    /// The most bytes that `backend` has; a longer one is left out.
    package static let backendLimit = 512
    /// The model that the answer names.
    package var model: String?
    /// What of it is counted.
    package var amounts = ResponseCounters()
    /// Whether the answer, or an event of it, is an error.
    package var isError = false

    /// Of an answer of which nothing is known.
    package init() {}

    /// Whether both members are known that also stand in the head.
    var hasIdentity: Bool { id != nil && backend != nil }
}

/// What of an answer is counted: numbers alone, which are had for each event of a stream and cost nothing to copy.
package struct ResponseCounters: Equatable, Sendable {
    /// What was used, as the answer says; nil where it says nothing. Of a stream the last that was stated, which is the total.
    package var usage: UpstreamUsage?
    /// Unicode scalars of the generated text: contents, reasoning, refusals, names and arguments of tool calls.
    package var contentScalars = 0
    /// The same text in bytes of UTF-8.
    package var contentBytes = 0
    /// Events of a stream that had such text; 0 for other answers.
    package var contentDeltas = 0
    /// How many images there are; 0 for other endpoints.
    package var images: Int64 = 0

    /// Of an answer of which nothing is known.
    package init() {}

    /// About how many tokens the generated text has, where the answer does not say.
    ///
    /// Servers send each token in an event of its own, mostly; where events have more than `longestToken` bytes of text on average
    /// they hold several, and characters are counted instead, by `TokenEstimate`.
    package var estimatedOutputTokens: Int64 {
        if contentDeltas > 0, contentBytes <= contentDeltas * Self.longestToken { return Int64(contentDeltas) }
        return TokenEstimate.tokens(ofScalars: contentScalars, utf8Bytes: contentBytes)
    }

    /// Bytes of UTF-8 that tokens do not have on average: prose has four to five a token, whatever the language.
    private static let longestToken = 9

    /// Counts the text of an event.
    mutating func addDelta(scalars: Int, utf8Bytes: Int) {
        contentScalars += scalars
        contentBytes += utf8Bytes
        if utf8Bytes > 0 { contentDeltas += 1 }
    }
}
