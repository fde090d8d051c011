import Foundation

/// A JSON value of the admin API: bodies of requests, and the description of the API.
package enum AdminValue: Sendable, Hashable {
    case null
    case boolean(Bool)
    case integer(Int64)
    /// A number that is no 64-bit integer.
    case number(Double)
    case text(String)
    case list([AdminValue])
    case object([String: AdminValue])

    /// The deepest nesting of a body. No operation needs more than four levels.
    private static let depth = 16

    /// Reads the JSON text `bytes` (RFC 8259); nil for any other text, and for one that nests too deeply.
    package init?(json bytes: [UInt8]) {
        guard Self.depth(of: bytes) <= Self.depth,
            let value = try? JSONDecoder().decode(AdminValue.self, from: Data(bytes))
        else { return nil }
        self = value
    }

    /// The most brackets that are open at a time, those in strings included.
    private static func depth(of bytes: [UInt8]) -> Int {
        var (depth, most) = (0, 0)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                most = max(most, depth)
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
        }
        return most
    }

    /// The value as JSON, members sorted.
    package var json: [UInt8] { ReportJSON.bytes(self) }

    /// The member `name` of an object; nil for anything else.
    package subscript(_ name: String) -> AdminValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    /// The text; nil for another value.
    package var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The elements of a list of texts; nil for another value.
    package var texts: [String]? {
        guard case .list(let values) = self else { return nil }
        let texts = values.compactMap(\.text)
        return texts.count == values.count ? texts : nil
    }
}

extension AdminValue: Codable {
    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let boolean = try? value.decode(Bool.self) {
            self = .boolean(boolean)
        } else if let integer = try? value.decode(Int64.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([AdminValue].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: AdminValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .boolean(let boolean): try value.encode(boolean)
        case .integer(let integer): try value.encode(integer)
        case .number(let number): try value.encode(number)
        case .text(let text): try value.encode(text)
        case .list(let list): try value.encode(list)
        case .object(let members): try value.encode(members)
        }
    }
}

extension AdminValue: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    package init(stringLiteral text: String) { self = .text(text) }
    package init(arrayLiteral values: AdminValue...) { self = .list(values) }
    package init(dictionaryLiteral members: (String, AdminValue)...) {
        self = .object(Dictionary(members) { _, last in last })
    }
}
