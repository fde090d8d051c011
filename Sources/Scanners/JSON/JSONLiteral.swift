/// The words that are values.
enum JSONLiteral: Sendable {
    case `true`, `false`, null
    /// `NaN` and `Infinity`, which JSON does not have (RFC 8259, section 6). Python and others write them.
    case notANumber, infinity

    var text: StaticString {
        switch self {
        case .true: "true"
        case .false: "false"
        case .null: "null"
        case .notANumber: "NaN"
        case .infinity: "Infinity"
        }
    }

    var kind: JSONKind {
        switch self {
        case .true: .true
        case .false: .false
        case .null: .null
        case .notANumber, .infinity: .number
        }
    }

    var isJSON: Bool {
        switch self {
        case .true, .false, .null: true
        case .notANumber, .infinity: false
        }
    }
}
