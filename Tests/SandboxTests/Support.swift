import CZlib
import Foundation
import Testing

@testable import Sandbox

/// A request with a key and a JSON body.
func request(_ path: String, _ body: String = "", method: String = "POST", headers: [String: String] = [:])
    -> SandboxRequest
{
    var all = ["authorization": "Bearer key", "content-type": "application/json"]
    all.merge(headers) { $1 }
    return SandboxRequest(method: method, target: path, headers: all, body: Array(body.utf8))
}

/// A chat of one message.
func chat(_ model: String = "sandbox", content: String = "Hello", more: String = "") -> SandboxRequest {
    request(
        "/v1/chat/completions",
        #"{"model":"\#(model)","messages":[{"role":"user","content":"\#(content)"}]\#(more.isEmpty ? "" : "," + more)}"#
    )
}

/// A JSON document as Foundation reads it: a second opinion on what the sandbox writes by hand.
struct Document {
    let value: Any?

    init(_ value: Any?) { self.value = value is NSNull ? nil : value }

    init(_ bytes: [UInt8]) {
        self.init(try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed))
    }

    init(_ answer: SandboxResponse) { self.init(answer.wholeBody) }

    subscript(_ name: String) -> Document { Document((value as? [String: Any])?[name]) }
    subscript(_ index: Int) -> Document {
        guard let array = value as? [Any], array.indices.contains(index) else { return Document(nil) }
        return Document(array[index])
    }

    var string: String? { value as? String }
    var int: Int? { (value as? NSNumber)?.intValue }
    var double: Double? { (value as? NSNumber)?.doubleValue }
    var bool: Bool? { (value as? NSNumber)?.boolValue }
    var count: Int { (value as? [Any])?.count ?? 0 }
    var exists: Bool { value != nil }
    func has(_ name: String) -> Bool { (value as? [String: Any])?[name] != nil }
    var elements: [Document] { (value as? [Any] ?? []).map { Document($0) } }
}

/// The data of the events in `body`, each ended by an empty line.
func events(_ body: [UInt8]) -> [String] {
    String(decoding: body, as: UTF8.self).components(separatedBy: "\n\n").filter { !$0.isEmpty }.map {
        $0.hasPrefix("data: ") ? String($0.dropFirst(6)) : "not an event: \($0)"
    }
}

extension SandboxResponse {
    var steps: [Step] {
        switch body {
        case .bytes(let bytes): [.bytes(bytes)]
        case .paced(let steps): Array(steps)
        case .webSocket: []
        }
    }

    var text: String { String(decoding: wholeBody, as: UTF8.self) }
}

/// `multipart/form-data` of fields and one file.
func multipart(_ fields: [String: String], file: [UInt8]?, fileFirst: Bool = false) -> (body: [UInt8], type: String) {
    var parts = fields.sorted { $0.key < $1.key }.map { name, value in
        Array("--limit\r\ncontent-disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
    }
    if let file {
        let head = "--limit\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n"
        parts.insert(Array(head.utf8) + file + Array("\r\n".utf8), at: fileFirst ? 0 : parts.count)
    }
    return (parts.flatMap { $0 } + Array("--limit--\r\n".utf8), "multipart/form-data; boundary=limit")
}

func upload(_ path: String, _ fields: [String: String], file: [UInt8]?, fileFirst: Bool = false) -> SandboxRequest {
    let form = multipart(fields, file: file, fileFirst: fileFirst)
    var request = request(path, headers: ["content-type": form.type])
    request.body = form.body
    return request
}

/// The content of a gzip or zlib file, which must end with `bytes`.
func gunzip(_ bytes: [UInt8]) throws -> [UInt8] {
    var stream = z_stream()
    try #require(CZlib_inflateInit(&stream) == Z_OK)
    defer { inflateEnd(&stream) }
    var input = bytes
    var content: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    var status = Z_OK
    input.withUnsafeMutableBufferPointer { input in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        while status == Z_OK {
            piece.withUnsafeMutableBufferPointer { output in
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                status = inflate(&stream, Z_NO_FLUSH)
            }
            content += piece[..<(piece.count - Int(stream.avail_out))]
        }
    }
    try #require(status == Z_STREAM_END)
    try #require(stream.avail_in == 0)
    return content
}

/// The JSON that `write` appends.
func written(_ write: (inout JSONOutput) -> Void) -> String {
    var json = JSONOutput()
    write(&json)
    return String(decoding: json.bytes, as: UTF8.self)
}
