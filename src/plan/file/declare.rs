//! Declarations of what a gate file holds: closed maps, values of several forms, words. Each declares its type, how it is
//! read and its JSON Schema at once, so that the three can't differ.

/// Declares a closed map: its fields, how it is read, and its JSON Schema. Keys are the fields' names in camelCase
/// unless one is given; snake_case is read too.
macro_rules! record {
    ($(#[$meta:meta])* $name:ident: $what:literal { $( $(#[doc = $doc:literal])* $field:ident = $key:literal: $type:ty, )* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, schemars::JsonSchema)]
        #[schemars(default, deny_unknown_fields)]
        pub struct $name {
            /// Where the map stands.
            #[schemars(skip)]
            #[allow(dead_code, reason = "every map knows its place, whether an error asks for it or not")]
            pub place: $crate::plan::error::Place,
            /// Whether it holds a key that is not known.
            #[schemars(skip)]
            #[allow(dead_code, reason = "only some maps are asked what they lack")]
            pub unknown: bool,
            $( $(#[doc = $doc])* #[schemars(rename = $key)] pub $field: $crate::plan::file::read::Field<$type>, )*
        }

        impl $name {
            /// The keys as the docs write them, and in snake_case.
            pub const KEYS: &'static [(&'static str, &'static str)] = &[ $( ($key, stringify!($field)), )* ];
        }

        impl $crate::plan::file::read::Read for $name {
            fn read(node: &$crate::plan::file::tree::Node, problems: &mut $crate::plan::error::Problems) -> Option<Self> {
                let object = $crate::plan::file::object::Object::open(node, $what, Self::KEYS, problems)?;
                Some($name { place: node.place.clone(), unknown: object.has_unknown(), $( $field: object.field($key, problems), )* })
            }
        }
    };
}

/// Declares a value with a short and a long form, told apart by the kind of node.
macro_rules! forms {
    ($(#[$meta:meta])* $name:ident: $what:literal { $( $(#[doc = $doc:literal])* $kind:ident => $form:ident($type:ty), )* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, schemars::JsonSchema)]
        #[schemars(untagged)]
        #[allow(dead_code, reason = "a word with one meaning is read, but never looked at")]
        #[allow(clippy::large_enum_variant, reason = "a plan has few of them, and not for long")]
        pub enum $name { $( $(#[doc = $doc])* $form($type), )* }

        impl $crate::plan::file::read::Read for $name {
            fn read(node: &$crate::plan::file::tree::Node, problems: &mut $crate::plan::error::Problems) -> Option<Self> {
                match &node.content {
                    $( $crate::plan::file::tree::Content::$kind(..) => {
                        <$type as $crate::plan::file::read::Read>::read(node, problems).map($name::$form)
                    } )*
                    #[allow(unreachable_patterns, reason = "a value may have all three forms")]
                    _ => {
                        problems.add(&node.place, format!("this is {}", node.kind()), concat!("write ", $what));
                        None
                    }
                }
            }
        }
    };
}

/// Declares the words that stand for the values of an enum.
macro_rules! words {
    ($type:ty: $what:literal { $( $word:literal => $value:expr, )* }) => {
        impl $crate::plan::file::read::Word for $type {
            fn parse(scalar: &$crate::plan::file::tree::Scalar) -> Result<Self, $crate::plan::file::read::Expected> {
                match scalar.text.as_str() {
                    $( $word => Ok($value), )*
                    other => Err($crate::plan::file::read::Expected::new(
                        $what,
                        match $crate::plan::error::nearest(other, [$($word),*]) {
                            // Among short words every one is near.
                            Some(near) if near.len() > 3 => format!("did you mean `{near}`?"),
                            _ => format!("write one of {}", $crate::plan::error::list([$($word),*])),
                        },
                    )),
                }
            }

            fn schema() -> schemars::Schema {
                schemars::json_schema!({ "enum": [$($word),*] })
            }
        }
    };
}

pub(crate) use {forms, record, words};
