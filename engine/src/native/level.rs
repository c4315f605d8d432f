//! Which instructions the kernels use: decided when a model is loaded, never by compiler flags.

use std::str::FromStr;

use crate::EngineError;
use crate::gguf::TensorType;

use super::kernels::{self, Precision};

/// A set of kernels. Every level gives the same bits for the same file.
///
/// AVX-VNNI was tested with plain arrays in place of its registers, not on a processor that has it;
/// [`KernelLevel::detect`] therefore tries a level before it trusts it.
///
/// This is the place for more. NEON would read the same packed weights (groups of four inputs by sixteen columns suit
/// `sdot`): it is an implementation of `kernels::vnni::Vectors` and an arm in the dispatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KernelLevel {
    /// Plain Rust: runs everywhere, and is what the others are tested against.
    Scalar,
    /// AVX2 with FMA and F16C: x86-64 processors since about 2013.
    Avx2,
    /// AVX2, and AVX-VNNI for products with quantised weights: processors since about 2021 without AVX-512.
    AvxVnni,
    /// AVX-512 with VNNI; AVX2 for what makes bytes and halves of floats: servers since about 2019.
    Avx512Vnni,
}

impl KernelLevel {
    /// From the slowest to the fastest.
    pub const ALL: [Self; 4] = [Self::Scalar, Self::Avx2, Self::AvxVnni, Self::Avx512Vnni];

    /// The fastest level that this processor runs, and runs right.
    pub fn detect() -> Self {
        let trusted = |level: &Self| {
            let right = Available::of(*level).is_some_and(kernels::self_check);
            if level.is_available() && !right {
                tracing::warn!(%level, "this processor's results are wrong at this kernel level: it is left out");
            }
            right
        };
        Self::ALL.into_iter().rev().find(trusted).unwrap_or(Self::Scalar)
    }

    #[cfg(target_arch = "x86_64")]
    pub fn is_available(self) -> bool {
        let avx2 =
            is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c");
        match self {
            Self::Scalar => true,
            Self::Avx2 => avx2,
            Self::AvxVnni => avx2 && is_x86_feature_detected!("avxvnni"),
            Self::Avx512Vnni => avx2 && is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni"),
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    pub fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            Self::Avx2 | Self::AvxVnni | Self::Avx512Vnni => false,
        }
    }

    /// Whether it has more than plain code for weights of this type.
    pub fn is_fast_for(self, dtype: TensorType) -> bool {
        match (self, dtype) {
            (Self::Scalar, _) => false,
            (
                Self::Avx2 | Self::AvxVnni | Self::Avx512Vnni,
                TensorType::F32
                | TensorType::F16
                | TensorType::BF16
                | TensorType::Q8_0
                | TensorType::Q4_0
                | TensorType::Q4_1
                | TensorType::Q5_0
                | TensorType::Q5_1
                | TensorType::Q4K
                | TensorType::Q5K
                | TensorType::Q6K,
            ) => true,
        }
    }

    /// The most rows in a tile of quantised weights: their sums, and the weights, stay in registers.
    pub fn tile_rows(self, precision: Precision) -> usize {
        let rows = match self {
            Self::Scalar | Self::Avx2 | Self::AvxVnni => 4,
            Self::Avx512Vnni => 8,
        };
        match precision {
            Precision::Narrow => rows,
            Precision::Wide => rows / 2,
        }
    }

    /// The most rows in a tile of two panels, which share what is read of the rows and have twice as many sums, that wait less
    /// for each other. A record's sums stay in registers; the totals, which it changes once, need not. None where there are no
    /// registers for it.
    pub fn pair_rows(self, precision: Precision) -> Option<usize> {
        match (self, precision) {
            (Self::Scalar | Self::Avx2 | Self::AvxVnni, _) => None,
            (Self::Avx512Vnni, Precision::Narrow) => Some(10),
            (Self::Avx512Vnni, Precision::Wide) => Some(4),
        }
    }

    /// The most rows in a tile of float weights.
    pub fn float_tile_rows(self) -> usize {
        match self {
            Self::Scalar | Self::Avx2 | Self::AvxVnni => 6,
            Self::Avx512Vnni => 24,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Avx2 => "avx2",
            Self::AvxVnni => "avxvnni",
            Self::Avx512Vnni => "avx512",
        }
    }
}

impl std::fmt::Display for KernelLevel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KernelLevel {
    type Err = EngineError;

    fn from_str(text: &str) -> Result<Self, EngineError> {
        Self::ALL.into_iter().find(|level| level.name() == text).ok_or_else(|| EngineError::InvalidRequest {
            reason: format!("there is no kernel level {text:?}"),
            hint: "levels are scalar, avx2, avxvnni and avx512",
        })
    }
}

/// A level that this processor was seen to run: what the `unsafe` calls of the kernels rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Available(KernelLevel);

impl Available {
    fn of(level: KernelLevel) -> Option<Self> {
        level.is_available().then_some(Self(level))
    }

    /// The wanted level, or the fastest. Either must give the right bits here.
    pub fn select(wanted: Option<KernelLevel>) -> Result<Self, EngineError> {
        let level = wanted.unwrap_or_else(KernelLevel::detect);
        let right = |available: &Self| wanted.is_none() || kernels::self_check(*available);
        Self::of(level).filter(right).ok_or_else(|| EngineError::InvalidRequest {
            reason: format!("this processor cannot run the kernel level {level}"),
            hint: "leave the level out: the fastest one is found at run time",
        })
    }

    pub fn level(self) -> KernelLevel {
        self.0
    }
}
