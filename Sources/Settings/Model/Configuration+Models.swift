import Policy
import Yams

extension Configuration {
    /// Names, prices and energy of models.
    package struct Models: Sendable, Equatable {
        /// `aliases`: the served model by alias, a name or a pattern. No target is itself an alias.
        package var aliases: [String: String] = [:]
        /// `prices`: the vendor's prices with the changes of the file.
        package var prices = PriceTable()
        /// `energy_kwh_per_million_tokens`: the numbers of the file, in nanowatt-hours a token.
        package var energyOverrides: [String: Int64] = [:]

        static var members: [Member<Models>] { [.aliases, .prices, .energy] }
    }
}

extension Member<Configuration.Models> {
    fileprivate static var aliases: Self {
        Self(
            \.aliases, "aliases",
            reference: { _ in
                MemberReference(
                    name: "aliases", form: "table of models by alias", default: "`{}`",
                    meaning:
                        "Other names for models, and patterns for names, `*` for any characters. The target is a model, "
                        + "never another alias. A whole name wins over patterns, and the longest pattern over others. A model "
                        + "that an alias stands for keeps its name, also as an alias of itself. Lists of models show whole "
                        + "names alone.",
                    example: """
                        models:
                          aliases:
                            gpt-4o: "gpt-oss:120b"
                            text-embedding-3-small: "granite-embedding:278m"
                            "claude-*": "gpt-oss:120b"
                        """, chosenName: "ALIAS")
            },
            read: { section, models in models.aliases = aliases(section.table("aliases")) },
            write: { Node(table: $0.aliases.mapValues { .text($0) }) })
    }

    private static func aliases(_ table: [(name: String, node: ConfigNode)]) -> [String: String] {
        let names = Set(table.map(\.name))
        let patterns = names.map { NamePattern($0) }.filter(\.isPattern)
        var aliases: [String: String] = [:]
        for (name, node) in table {
            if name.isEmpty {
                node.report("an alias has a name")
                continue
            }
            guard let target = node.isNull ? nil : node.value(.text) else {
                if node.isNull { node.report("an alias needs a model") }
                continue
            }
            if target == name {
                // Of a model that a pattern would hide, it has a meaning.
                if !patterns.contains(where: { $0.matches(name) }) || NamePattern(name).isPattern {
                    node.report("is an alias of itself")
                }
            } else if names.contains(target) {
                node.report("its target \(target) is itself an alias; name the model that is served")
            } else if target.contains("*") {
                node.report("an alias stands for one model, and * has no meaning here")
            }
            aliases[name] = target
        }
        return aliases
    }

    /// The entry of `prices` that changes the prices of every model.
    private static var standardName: String { "default" }

    fileprivate static var prices: Self {
        Self(
            \.prices, "prices",
            reference: { models in
                MemberReference(
                    name: "prices", form: "table of prices by model", default: "`{}`",
                    meaning: "Prices, where they differ from the vendor's, which are built in. `default` changes every "
                        + "model, the name of a model this model alone. A member that is left out keeps its price. A list "
                        + "has prices for days to come: a request costs what held when it began.",
                    example: """
                        models:
                          prices:
                            default: { input: 1.9 }
                            "gpt-oss:120b":
                              - { input: 1.8, output: 8.0, reasoning: 8.0, cached: 0.9 }
                              - { from: 2026-12-01, input: 2.0 }
                        """, chosenName: "MODEL",
                    members: DatedPrices.members.map { $0.reference(DatedPrices(models.prices.standard.first)) })
            },
            read: { section, models in
                let table = section.table("prices")
                for (name, node) in table where name == standardName {
                    models.prices.standard = PriceSchedule(node, over: models.prices.standard)
                }
                for (name, node) in table where name != standardName {
                    models.prices.models[name] = PriceSchedule(node, over: models.prices.standard)
                }
            },
            write: { models in
                var prices = models.prices.models
                prices[standardName] = models.prices.standard
                return Node(table: prices.mapValues(\.node))
            })
    }

    fileprivate static var energy: Self {
        let format = ValueFormat<Int64>.decimal(places: 6, "number of kWh per million tokens")
        return Self(
            \.energyOverrides, "energy_kwh_per_million_tokens",
            reference: { _ in
                MemberReference(
                    name: "energy_kwh_per_million_tokens", form: "table, by model: \(format.form)", default: "`{}`",
                    meaning:
                        "Energy of a model, in kWh per million tokens, where it differs from the vendor's numbers, "
                        + "which are built in.",
                    example: """
                        models:
                          energy_kwh_per_million_tokens: { "gpt-oss:120b": 2.37 }
                        """, chosenName: "MODEL")
            },
            read: { section, models in
                for (name, node) in section.table("energy_kwh_per_million_tokens") {
                    models.energyOverrides[name] = node.value(format)
                }
            },
            write: { Node(table: $0.energyOverrides.mapValues { format.node($0) }) })
    }
}
