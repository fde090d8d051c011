import Foundation
import OpenAIAPI

/// The metadata of a request with `body`, read in one piece.
func metadata(
    _ endpoint: Endpoint, _ body: String, contentType: String? = "application/json"
) throws(APIError) -> RequestMetadata {
    try metadata(endpoint, [Array(body.utf8)], contentType: contentType)
}

/// The metadata of a request whose body arrives in `pieces`.
func metadata(
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

/// The metadata of a response with `body`, read in one piece.
func metadata(ofResponse body: String, _ endpoint: Endpoint = .chatCompletions) -> ResponseMetadata {
    metadata(ofResponse: [Array(body.utf8)], endpoint)
}

func metadata(ofResponse pieces: [[UInt8]], _ endpoint: Endpoint = .chatCompletions) -> ResponseMetadata {
    let scanner = ResponseScanner(endpoint: endpoint)
    for piece in pieces { scanner.scan(piece.span) }
    scanner.finish()
    return scanner.metadata
}

/// The output for a stream that arrives in `pieces`, and the transform afterwards.
func transformed(
    _ pieces: [[UInt8]], _ endpoint: Endpoint = .chatCompletions, hidesUsage: Bool = false, eventLimit: Int = 262_144
) -> (output: [UInt8], transform: EventStreamTransform) {
    let transform = EventStreamTransform(
        endpoint: endpoint, readers: EventReaders(), hidesUsage: hidesUsage, eventLimit: eventLimit)
    var output: [UInt8] = []
    for piece in pieces { transform.transform(piece.span, to: &output) }
    transform.finish(to: &output)
    return (output, transform)
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

/// `text` as Foundation reads it: a second opinion on its validity and meaning.
func parsed(_ text: String) -> NSObject? {
    try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) as? NSObject
}
