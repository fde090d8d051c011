/// The kinds of JSON values (RFC 8259, section 3).
package enum JSONKind: Sendable {
    case string, number, `true`, `false`, null, object, array
}
