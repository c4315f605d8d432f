//! Tensors as the file holds them: a shape, an element type, and bytes.

use std::ops::Range;

/// How a tensor's values are stored. Quantised types pack whole blocks of a row.
///
/// Numbers, blocks and sizes: `ggml_type` and the block structs of ggml's `ggml-common.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TensorType {
    F32,
    F16,
    BF16,
    Q8_0,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q4K,
    Q5K,
    Q6K,
}

impl TensorType {
    pub const ALL: [Self; 11] = [
        Self::F32,
        Self::F16,
        Self::BF16,
        Self::Q8_0,
        Self::Q4_0,
        Self::Q4_1,
        Self::Q5_0,
        Self::Q5_1,
        Self::Q4K,
        Self::Q5K,
        Self::Q6K,
    ];

    /// The number that stands for this type in a file.
    pub fn id(self) -> u32 {
        match self {
            Self::F32 => 0,
            Self::F16 => 1,
            Self::Q4_0 => 2,
            Self::Q4_1 => 3,
            Self::Q5_0 => 6,
            Self::Q5_1 => 7,
            Self::Q8_0 => 8,
            Self::Q4K => 12,
            Self::Q5K => 13,
            Self::Q6K => 14,
            Self::BF16 => 30,
        }
    }

    pub fn from_id(id: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|dtype| dtype.id() == id)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::BF16 => "BF16",
            Self::Q8_0 => "Q8_0",
            Self::Q4_0 => "Q4_0",
            Self::Q4_1 => "Q4_1",
            Self::Q5_0 => "Q5_0",
            Self::Q5_1 => "Q5_1",
            Self::Q4K => "Q4_K",
            Self::Q5K => "Q5_K",
            Self::Q6K => "Q6_K",
        }
    }

    /// Values in a block; a row is a whole number of blocks.
    pub fn block_len(self) -> usize {
        match self {
            Self::F32 | Self::F16 | Self::BF16 => 1,
            Self::Q8_0 | Self::Q4_0 | Self::Q4_1 | Self::Q5_0 | Self::Q5_1 => 32,
            Self::Q4K | Self::Q5K | Self::Q6K => 256,
        }
    }

    /// Bytes of a block.
    pub fn block_bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::BF16 => 2,
            Self::Q8_0 => 2 + 32,
            Self::Q4_0 => 2 + 16,
            Self::Q4_1 => 2 + 2 + 16,
            Self::Q5_0 => 2 + 4 + 16,
            Self::Q5_1 => 2 + 2 + 4 + 16,
            Self::Q4K => 2 + 2 + 12 + 128,
            Self::Q5K => 2 + 2 + 12 + 32 + 128,
            Self::Q6K => 128 + 64 + 16 + 2,
        }
    }

    pub(super) fn supported_names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    /// A name a person may know for any type number, ours or not.
    pub(super) fn name_of(id: u32) -> String {
        let foreign = match id {
            9 => "Q8_1",
            10 => "Q2_K",
            11 => "Q3_K",
            15 => "Q8_K",
            16 => "IQ2_XXS",
            17 => "IQ2_XS",
            18 => "IQ3_XXS",
            19 => "IQ1_S",
            20 => "IQ4_NL",
            21 => "IQ3_S",
            22 => "IQ2_S",
            23 => "IQ4_XS",
            29 => "IQ1_M",
            39 => "MXFP4",
            _ => return Self::from_id(id).map_or_else(|| format!("number {id}"), |dtype| dtype.name().to_owned()),
        };
        foreign.to_owned()
    }
}

impl std::fmt::Display for TensorType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a tensor is. The parser made sure that `range` lies in the file and fits the shape.
#[derive(Debug, Clone)]
pub(super) struct TensorInfo {
    pub shape: Vec<usize>,
    pub dtype: TensorType,
    pub range: Range<usize>,
}

impl TensorInfo {
    pub fn view<'a>(&'a self, name: &'a str, file: &'a [u8]) -> Tensor<'a> {
        Tensor { name, shape: &self.shape, dtype: self.dtype, data: &file[self.range.clone()] }
    }
}

/// A tensor of an open file.
#[derive(Debug, Clone, Copy)]
pub struct Tensor<'a> {
    pub name: &'a str,
    /// In GGUF's order: the length of a row first, then the number of rows. One to four, none of them 0.
    pub shape: &'a [usize],
    pub dtype: TensorType,
    /// Exactly the bytes of the shape, rows one after the other.
    pub data: &'a [u8],
}

impl<'a> Tensor<'a> {
    /// Values in a row.
    pub fn row_len(&self) -> usize {
        self.shape.first().copied().unwrap_or(1)
    }

    /// Rows, over all other dimensions.
    pub fn rows(&self) -> usize {
        self.shape.iter().skip(1).product()
    }

    /// Values in all.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// The bytes of row `index`. Panics when there are not that many rows, as a slice would.
    pub fn row(&self, index: usize) -> &'a [u8] {
        let bytes = self.row_len() / self.dtype.block_len() * self.dtype.block_bytes();
        &self.data[index * bytes..(index + 1) * bytes]
    }
}
