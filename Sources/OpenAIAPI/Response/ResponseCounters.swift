import Bytes

/// The quantities of a response that are billed. Read for every event of a stream: integers only, so a copy costs
/// nothing.
package struct ResponseCounters: Equatable, Sendable {
    /// The usage that the response states; nil if it states none. In a stream the last statement of each count holds.
    package var usage: UpstreamUsage?
    /// A `usage` without the counts that the endpoint is billed by was stated, perhaps in units that are not known here.
    package var hasUnreadUsage = false
    /// Unicode scalars of the generated text: contents, reasoning, refusals, names and arguments of tool calls.
    package var contentScalars = 0
    /// Bytes of the same text in UTF-8.
    package var contentBytes = 0
    /// Events of a stream that contain such text; 0 for other responses.
    package var contentDeltas = 0
    /// Images in the response; 0 for other endpoints.
    package var images: Int64 = 0

    /// Creates the counters of an unread response.
    package init() {}

    /// The approximate number of tokens in the generated text, for a response that states none.
    ///
    /// Most servers send each token in its own event, so events are counted. Events of more than `longestToken` bytes
    /// on average hold several tokens; then `TokenEstimate` counts the characters.
    package var estimatedOutputTokens: Int64 {
        if contentDeltas > 0, contentBytes <= contentDeltas * Self.longestToken { return Int64(contentDeltas) }
        return TokenEstimate.tokens(ofScalars: contentScalars, utf8Bytes: contentBytes)
    }

    /// More bytes of UTF-8 than a token has on average: prose has four to five in every language.
    private static let longestToken = 9

    /// Counts an event.
    mutating func add(usage: UpstreamUsage?, images: Int64, scalars: Int, utf8Bytes: Int) {
        if let usage { add(usage) }
        self.images = self.images.addingSaturated(images)
        addDelta(scalars: scalars, utf8Bytes: utf8Bytes)
    }

    private mutating func add(_ later: UpstreamUsage) {
        guard var usage else { return usage = later }
        usage.update(with: later)
        self.usage = usage
    }

    /// Counts text that was not read as JSON: all of it may be output.
    package mutating func addUnread(bytes: Int) {
        contentScalars += bytes
        contentBytes += bytes
    }

    /// Counts the text of an event.
    mutating func addDelta(scalars: Int, utf8Bytes: Int) {
        contentScalars += scalars
        contentBytes += utf8Bytes
        if utf8Bytes > 0 { contentDeltas += 1 }
    }
}
