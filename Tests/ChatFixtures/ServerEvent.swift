/// An event of a translated stream.
package struct ServerEvent: Equatable, Sendable {
    /// The line `event`.
    package let name: String
    /// The line `data`.
    package let data: JSON

    /// The member `type` of the data, which must be the name.
    package var type: String? { data["type"]?.string }

    /// The events in `bytes`; nil if they are not events of exactly two lines, `event` and `data`, with JSON.
    package static func all(in bytes: [UInt8]) -> [ServerEvent]? {
        var events: [ServerEvent] = []
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.isEmpty || text.hasSuffix("\n\n") else { return nil }
        for block in text.split(separator: "\n\n") {
            let lines = block.split(separator: "\n", omittingEmptySubsequences: false)
            guard lines.count == 2, lines[0].hasPrefix("event: "), lines[1].hasPrefix("data: "),
                let data = JSON(String(lines[1].dropFirst(6)))
            else { return nil }
            events.append(ServerEvent(name: String(lines[0].dropFirst(7)), data: data))
        }
        return events
    }
}
