import Bytes
import MessagesAPI
import OpenAIAPI
import ResponsesAPI

/// Translations as `ok BYTES`, or `error` for what is refused.
enum TranslationReading {
    enum API { case responses, messages }

    private static var context: TranslationContext {
        TranslationContext(id: "i", createdAt: 1, readers: EventReaders())
    }

    private static func translated(_ body: [UInt8], _ api: API) throws(APIError) -> TranslatedRequest {
        switch api {
        case .responses: try ResponsesRequest.translated(body, context)
        case .messages: try MessagesRequest.translated(body, context)
        }
    }

    /// The chat request for a request.
    static func request(_ bytes: Span<UInt8>, _ api: API) -> String {
        let body = [UInt8](0..<bytes.count, of: bytes)
        guard let translated = try? translated(body, api) else { return "error" }
        return "ok \(hexadecimal(translated.pieces.joined(with: body)))"
    }

    /// The response for a completion after a line with the request: events if it is a stream, a document otherwise.
    static func response(_ input: Span<UInt8>, _ api: API) -> String {
        let end = input.index(of: ASCII.lineFeed, from: 0)
        guard end < input.count, let translated = try? translated([UInt8](0..<end, of: input), api) else {
            return "error"
        }
        let completion = input.extracting(end + 1..<input.count)
        var output: [UInt8] = []
        if completion.hasPrefix("{") {
            guard let document = translated.response.document([UInt8](0..<completion.count, of: completion), at: 2)
            else { return "error" }
            output = document
        } else {
            translated.response.receive(completion, at: 2, to: &output)
            translated.response.finish(at: 2, to: &output)
        }
        return "ok \(hexadecimal(output))"
    }
}
