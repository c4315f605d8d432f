//! Which instructions the kernels use: decided when a model is loaded, never by compiler flags.

use std::str::FromStr;

use crate::EngineError;
use crate::gguf::TensorType;

/// A set of kernels. Every level gives the same bits for the same file.
///
/// This is the place for more: AVX-512 VNNI and NEON read the same packed weights (groups of four inputs by sixteen
/// columns suit `vpdpbusd` and `sdot`), so a level is a folder in `native/kernels` and an arm in its dispatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KernelLevel {
    /// Plain Rust: runs everywhere, and is what the others are tested against.
    Scalar,
    /// AVX2 with FMA and F16C: x86-64 processors since about 2013.
    Avx2,
}

impl KernelLevel {
    pub const ALL: [Self; 2] = [Self::Scalar, Self::Avx2];

    /// The fastest level that this processor runs.
    pub fn detect() -> Self {
        if Self::Avx2.is_available() { Self::Avx2 } else { Self::Scalar }
    }

    pub fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => {
                is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 => false,
        }
    }

    /// Whether it has more than plain code for weights of this type.
    pub fn is_fast_for(self, dtype: TensorType) -> bool {
        match (self, dtype) {
            (Self::Scalar, _) => false,
            (
                Self::Avx2,
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

    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Avx2 => "avx2",
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
            hint: "levels are scalar and avx2",
        })
    }
}

/// A level that this processor was seen to run: what the `unsafe` calls of the kernels rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Available(KernelLevel);

impl Available {
    /// The wanted level, or the fastest.
    pub fn select(wanted: Option<KernelLevel>) -> Result<Self, EngineError> {
        let level = wanted.unwrap_or_else(KernelLevel::detect);
        if level.is_available() {
            return Ok(Self(level));
        }
        Err(EngineError::InvalidRequest {
            reason: format!("this processor cannot run the kernel level {level}"),
            hint: "leave the level out: the fastest one is found at run time",
        })
    }

    pub fn level(self) -> KernelLevel {
        self.0
    }
}
