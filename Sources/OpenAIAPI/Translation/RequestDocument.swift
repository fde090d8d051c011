import Bytes
import Scanners

/// A request of another API, read whole.
package enum RequestDocument {
    /// The members of `body`, which must be one JSON object.
    ///
    /// - Parameter members: paths that may not stand twice.
    /// - Throws: 400 `invalid_json` or `duplicate_member`.
    package static func root(of body: [UInt8], _ members: JSONPathSet) throws(APIError) -> JSONValue {
        let document = JSONDocument()
        var scanner = JSONScanner(members)
        do throws(JSONError) { try document.read(body, with: &scanner) } catch { throw APIError(error) }
        guard let root = document.root, root.kind == .object else {
            throw .invalidJSON("The body is JSON but no object.")
        }
        return root
    }
}

/// The place of a value in a request, for errors: `input[3].content[0]`.
package struct MemberPlace {
    private let list: StaticString
    private let index: Int
    private var inner: (list: StaticString, index: Int)?

    package init(_ list: StaticString, _ index: Int) {
        self.list = list
        self.index = index
    }

    /// The place of an element of a list in this value.
    package func element(_ index: Int, of list: StaticString) -> MemberPlace {
        var place = self
        place.inner = (list, index)
        return place
    }

    /// The name of the value.
    package var name: String {
        guard let inner else { return "\(list)[\(index)]" }
        return "\(list)[\(index)].\(inner.list)[\(inner.index)]"
    }

    /// The name of a member of the value.
    package func member(_ name: String) -> String { "\(self.name).\(name)" }
}

extension JSONValue {
    /// The boolean member `name`; nil where it is absent.
    package func boolean(_ name: StaticString) throws(APIError) -> Bool? {
        guard let value = self[name] else { return nil }
        guard let bool = value.bool else { throw .invalidValue("\(name)", "true or false") }
        return bool
    }

    /// The array `name`; nil where it is absent.
    package func array(_ name: StaticString) throws(APIError) -> JSONValue? {
        guard let value = self[name] else { return nil }
        guard value.kind == .array else { throw .invalidValue("\(name)", "an array") }
        return value
    }

    /// The string member `name` of the value at `place`.
    package func text(_ name: StaticString, at place: MemberPlace) throws(APIError) -> JSONValue {
        guard let value = self[name] else { throw .missingMember(place.member("\(name)")) }
        guard value.kind == .string else { throw .invalidValue(place.member("\(name)"), "a string") }
        return value
    }
}
