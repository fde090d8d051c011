import Bytes

/// A request of another API as a request for a chat completion, and the translator of its response.
///
/// The pieces go through the pipeline as the body of a chat client would: they are scanned, admitted, edited and sent. The chat
/// stream of the upstream, with its usage, then goes through the translator on its way to the client.
///
/// ```swift
/// try translated.pieces.forEachSpan(of: body) { try scanner.scan($0) }
/// let edits = try scanner.finish().edits(servedModel: model, askForUsage: true, outputBound: bound)
/// let outgoing = translated.pieces.edited(by: edits)  // sent, with the ranges of `body`
///
/// translated.response.receive(events, at: now, to: &output)  // any number of times
/// translated.response.finish(at: now, to: &output)  // or `stop` at a limit, `fail` for the gateway's own errors
/// ```
package struct TranslatedRequest {
    /// The body for `chat/completions`.
    package let pieces: RequestPieces
    /// Tools that were left out, for the header `x-propylon-dropped`: `tools.web_search`. ASCII, without commas.
    package let dropped: [String]
    /// Makes the client's response of the upstream's.
    package let response: any ResponseTranslator

    package init(pieces: RequestPieces, dropped: [String], response: any ResponseTranslator) {
        self.pieces = pieces
        self.dropped = dropped
        self.response = response
    }
}

/// Facts of a request that its translation needs and its body does not have.
package struct TranslationContext {
    /// The unique part of the response's id, and of the ids of its items: letters, digits and hyphens.
    package let id: String
    /// The time of the request in seconds since 1970.
    package let createdAt: Int64
    /// Chunk readers of the event loop on which the response is translated.
    package let readers: EventReaders
    /// The model reads its earlier reasoning, as `reasoning_content` of the assistant's messages.
    package let forwardsReasoning: Bool

    package init(id: String, createdAt: Int64, readers: EventReaders, forwardsReasoning: Bool = true) {
        self.id = id
        self.createdAt = createdAt
        self.readers = readers
        self.forwardsReasoning = forwardsReasoning
    }
}

/// Translates one response for a client of another API, as it comes. Without I/O: bytes and times are arguments.
///
/// A stream is given to `receive` in any split, as the gateway would send it to a chat client, and ends with one call of `finish`,
/// `stop` or `fail`. Once the stream has ended, by itself or by a call, no more is appended.
package protocol ResponseTranslator: AnyObject {
    /// Reads the next bytes of a stream of chat chunks, and appends the events that they cause.
    ///
    /// - Parameter now: seconds since 1970.
    func receive(_ bytes: Span<UInt8>, at now: Int64, to output: inout [UInt8])

    /// Ends a stream whose body has ended. One that the upstream did not complete fails with `APIError.upstreamInterrupted`.
    func finish(at now: Int64, to output: inout [UInt8])

    /// Ends a stream that has reached its limit of tokens (`overrun: stop`), as if the model had: incomplete, but no failure.
    func stop(at now: Int64, to output: inout [UInt8])

    /// Ends a stream by a failure, with the API's own event. Break the connection after it.
    func fail(_ error: UpstreamError, at now: Int64, to output: inout [UInt8])

    /// The state of the stream.
    var end: TranslationEnd? { get }

    /// Translates the whole body of a successful response that is no stream; nil if it is no chat completion.
    func document(_ body: [UInt8], at now: Int64) -> [UInt8]?

    /// Translates the body of an upstream's error.
    func errorBody(status: Int, _ body: [UInt8]) -> [UInt8]
}

/// The end of a translated stream.
package enum TranslationEnd: Sendable, Equatable {
    /// The API's last event has been written, so that the client takes the response for whole.
    case complete
    /// The stream ended with an error.
    case failed
}
