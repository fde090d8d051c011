import ChatFixtures
import OpenAIAPI
import ResponsesAPI
import Testing

/// A translated stream of the Responses API, as a client reads it.
struct ResponsesStream {
    let events: [ServerEvent]

    /// Translates `stream`, and checks what holds for every stream: the framing, and numbers without gaps.
    init(_ stream: ChatStream, _ members: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws {
        let output = translatedStream([Array(stream.text.utf8)], by: try translated(members).response)
        try self.init(output, sourceLocation: sourceLocation)
    }

    init(_ output: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) throws {
        events = try #require(ServerEvent.all(in: output), sourceLocation: sourceLocation)
        for (number, event) in events.enumerated() {
            #expect(event.type == event.name, sourceLocation: sourceLocation)
            #expect(event.data["sequence_number"]?.integer == number, sourceLocation: sourceLocation)
        }
    }

    /// The names of the events without `response.`.
    var names: [String] { events.map { String($0.name.dropFirst("response.".count)) } }

    /// The response in the last event.
    var response: JSON? { events.last?.data["response"] }

    /// The items in the last event.
    var output: [JSON] { response?["output"]?.elements ?? [] }

    /// The items that the events `added` and `done` have at their places.
    func items(_ event: String) -> [JSON?] {
        let found = events.filter { $0.name == "response.output_item.\(event)" }
        #expect(found.map { $0.data["output_index"]?.integer } == found.indices.map { $0 })
        return found.map { $0.data["item"] }
    }

    /// The joined deltas of the events with this name.
    func deltas(_ name: String) -> String {
        events.filter { $0.name == "response.\(name).delta" }.compactMap { $0.data["delta"]?.string }.joined()
    }
}
