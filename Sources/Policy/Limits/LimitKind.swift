import Bytes

/// A limit that a tier may have. This is the one table of limits; everything else loops over it.
///
/// To add a limit, write a case, its row in `row`, and the new counts in `PerKind`, `PerRateKind` or `PerWindowKind`.
///
/// The raw value is the member of the configuration and the name in reports, metrics and alerts. The order is that of reports.
package enum LimitKind: String, Sendable, CaseIterable {
    case requestsPerMinute = "requests_per_minute"
    case tokensPerMinute = "tokens_per_minute"
    case requestsPerDay = "requests_per_day"
    case tokensPerDay = "tokens_per_day"
    case outputTokensPerHour = "output_tokens_per_hour"
    case outputTokensPerDay = "output_tokens_per_day"
    case budgetPerDay = "budget_eur_per_day"
    case budgetPerWeek = "budget_eur_per_week"
    case budgetPerMonth = "budget_eur_per_month"
    case budgetInTotal = "budget_eur_total"
    case concurrentRequests = "concurrent_requests"
    case maxOutputTokens = "max_output_tokens"

    /// The unit and the form of the limit, and its meaning for the reference of the configuration.
    private var row: (unit: LimitUnit, form: Form, meaning: String) {
        switch self {
        case .requestsPerMinute: (.requests, .rate, "Requests in any minute.")
        case .tokensPerMinute: (.tokens, .rate, "Input and output tokens in any minute.")
        case .requestsPerDay: (.requests, .window(.day), "Requests in a day of `time_zone`.")
        case .tokensPerDay: (.tokens, .window(.day), "Input and output tokens in a day of `time_zone`.")
        case .outputTokensPerHour: (.outputTokens, .window(.hour), "Output tokens in an hour of `time_zone`.")
        case .outputTokensPerDay: (.outputTokens, .window(.day), "Output tokens in a day of `time_zone`.")
        case .budgetPerDay: (.money, .window(.day), "Cost in a day of `time_zone`.")
        case .budgetPerWeek: (.money, .window(.week), "Cost in a week of `time_zone`, from Monday on.")
        case .budgetPerMonth: (.money, .window(.month), "Cost in a month of `time_zone`.")
        case .budgetInTotal: (.money, .window(.total), "Cost of all time, as a prepaid amount: it never refills.")
        case .concurrentRequests: (.requests, .concurrent, "Requests in progress at one time.")
        case .maxOutputTokens:
            (
                .outputTokens, .perRequest,
                "Output tokens that one request may ask for. Written into a request that names no bound."
            )
        }
    }
}

/// A value for each limit.
typealias PerKind<Value> = InlineArray<12, Value>
/// A value for each limit per minute, in the order of `LimitKind.rateKinds`.
typealias PerRateKind<Value> = InlineArray<2, Value>
/// A value for each limit of a window, in the order of `LimitKind.windowKinds`.
typealias PerWindowKind<Value> = InlineArray<8, Value>

extension LimitKind {
    /// The form in which a limit counts its unit.
    package enum Form: Sendable, Hashable {
        /// An amount per minute, kept by a token bucket whose burst is the limit.
        case rate
        /// An amount in a window of the calendar.
        case window(LimitWindow)
        /// Requests in flight.
        case concurrent
        /// The most that one request may ask for.
        case perRequest

        /// The end of a limit in words.
        fileprivate var words: String {
            switch self {
            case .rate: "a minute"
            case .window(let window): window.words
            case .concurrent: "at one time"
            case .perRequest: "a request"
            }
        }
    }

    /// The error that a refusal answers with.
    package enum Family: Sendable, Hashable {
        /// Too much within a minute.
        case rate
        /// Too many requests or tokens in a window, or too many tokens for one request.
        case quota
        /// Too much money in a window.
        case budget
        /// Too many requests in flight.
        case concurrency
    }

    /// The unit that the limit counts.
    package var unit: LimitUnit { row.unit }

    /// The form in which the limit counts.
    package var form: Form { row.form }

    /// The meaning in one sentence, for the reference of the configuration.
    package var meaning: String { row.meaning }

    /// True for limits in nano-euros.
    package var isMoney: Bool { unit == .money }

    /// True where the output of a request uses up the limit, so that the request has to be bounded.
    var boundsOutput: Bool { unit != .requests }

    /// True for limits that batches count against: budgets, and limits of tokens a day or longer.
    package var countsBatches: Bool {
        guard case .window(let window) = form else { return false }
        return unit != .requests && window != .hour
    }

    /// The error that a refusal answers with.
    package var family: Family {
        switch form {
        case .rate: .rate
        case .window: isMoney ? .budget : .quota
        case .concurrent: .concurrency
        case .perRequest: .quota
        }
    }

    /// An amount with its unit, as `40 tokens` or `2.5 EUR`; requests have the number alone.
    package func amount(_ amount: Int64) -> String {
        unit == .requests ? String(amount) : unit.words(amount)
    }

    /// The limit in words, as `20 requests a minute`.
    package func text(_ limit: Int64) -> String { "\(unit.words(limit)) \(form.words)" }

    /// An amount without its unit: a whole number, or a decimal number of EUR.
    package func plainAmount(_ amount: Int64) -> String { isMoney ? NanoEuros(amount).decimal : String(amount) }
}

// MARK: Places in tables

extension LimitKind {
    /// A limit that a token bucket keeps.
    struct RateKind: Sendable {
        let kind: LimitKind
        let unit: LimitUnit
    }

    /// A limit of the calendar.
    struct WindowKind: Sendable {
        let kind: LimitKind
        let unit: LimitUnit
        let window: LimitWindow
    }

    /// The limits per minute. Each access costs a call: code for every request uses the copy in `TierLimits`.
    static let rateKinds: PerRateKind<RateKind> = {
        let kinds = allCases.filter { $0.form == .rate }.map { RateKind(kind: $0, unit: $0.unit) }
        precondition(kinds.count == PerRateKind<RateKind>.count, "PerRateKind has another count than the table")
        return PerRateKind { kinds[$0] }
    }()

    /// The limits of windows; see `rateKinds`.
    static let windowKinds: PerWindowKind<WindowKind> = {
        let kinds = allCases.compactMap { kind in
            if case .window(let window) = kind.form {
                WindowKind(kind: kind, unit: kind.unit, window: window)
            } else {
                nil
            }
        }
        precondition(kinds.count == PerWindowKind<WindowKind>.count, "PerWindowKind has another count than the table")
        return PerWindowKind { kinds[$0] }
    }()

    /// The place in a `PerKind`: the order of the cases.
    var place: Int {
        // Every case is among all cases. Only configurations and reports come here.
        Self.allCases.firstIndex(of: self)!
    }
}
