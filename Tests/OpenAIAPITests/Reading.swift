import Foundation
import OpenAIAPI

/// The facts of a request with `body`, read in one piece.
func facts(
    _ endpoint: Endpoint, _ body: String, contentType: String? = "application/json"
) throws(APIError) -> RequestMetadata {
    try facts(endpoint, [Array(body.utf8)], contentType: contentType)
}

/// The facts of a request whose body comes in `pieces`.
func facts(
    _ endpoint: Endpoint, _ pieces: [[UInt8]], contentType: String? = "application/json"
) throws(APIError) -> RequestMetadata {
    let type = contentType.map { Array($0.utf8) }
    let scanner =
        if let type {
            try RequestScanner(endpoint: endpoint, contentType: type.span)
        } else {
            try RequestScanner(endpoint: endpoint, contentType: nil)
        }
    for piece in pieces { try scanner.scan(piece.span) }
    return try scanner.finish()
}

/// The facts of an answer with `body`, read in one piece.
func facts(ofAnswer body: String, _ endpoint: Endpoint = .chatCompletions) -> ResponseMetadata {
    facts(ofAnswer: [Array(body.utf8)], endpoint)
}

func facts(ofAnswer pieces: [[UInt8]], _ endpoint: Endpoint = .chatCompletions) -> ResponseMetadata {
    let scanner = ResponseScanner(endpoint: endpoint)
    for piece in pieces { scanner.scan(piece.span) }
    scanner.finish()
    return scanner.facts
}

/// What a caller gets of a stream that comes in `pieces`, and the relay afterwards.
func relayed(
    _ pieces: [[UInt8]], _ endpoint: Endpoint = .chatCompletions, hidesUsage: Bool = false, eventLimit: Int = 262_144
) -> (output: [UInt8], relay: EventStreamTransform) {
    let relay = EventStreamTransform(
        endpoint: endpoint, readers: EventReaders(), hidesUsage: hidesUsage, eventLimit: eventLimit)
    var output: [UInt8] = []
    for piece in pieces { relay.relay(piece.span, to: &output) }
    relay.finish(to: &output)
    return (output, relay)
}

/// `body` with `edits` made.
func edited(_ body: String, _ edits: RequestEdits) -> String {
    let bytes = Array(body.utf8)
    var output: [UInt8] = []
    edits.forEachPiece(length: bytes.count) { piece in
        switch piece {
        case .original(let range): output += bytes[range]
        case .inserted(let inserted): output += inserted
        }
    }
    precondition(output.count == edits.newLength(of: bytes.count), "the announced length is wrong")
    return String(decoding: output, as: UTF8.self)
}

/// `text` as Foundation reads it: a second opinion on what is valid and what it means.
func parsed(_ text: String) -> NSObject? {
    try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) as? NSObject
}
