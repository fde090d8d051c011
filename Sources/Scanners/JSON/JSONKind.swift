/// What a JSON value is (RFC 8259, 3).
package enum JSONKind: Sendable {
    case string, number, `true`, `false`, null, object, array
}
