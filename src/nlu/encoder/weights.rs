//! `model.safetensors`: the weights, mapped into memory.

use std::fs::File;
use std::path::{Path, PathBuf};

use half::f16;
use half::slice::HalfFloatSliceExt;
use memmap2::Mmap;
use safetensors::tensor::{Dtype, Metadata, SafeTensors, TensorInfo};

use super::LoadError;

/// A mapped safetensors file. Tensors are turned into 32-bit floats as they are asked for, so
/// that only what is used is ever read.
pub struct Weights {
    path: PathBuf,
    map: Mmap,
    metadata: Metadata,
    /// Where the tensors' bytes begin in the file.
    data_start: usize,
}

/// A matrix in the file, `[rows, columns]`, read row by row.
#[derive(Debug, Clone, Copy)]
pub struct MatrixRef<'a> {
    bytes: &'a [u8],
    half: bool,
    columns: usize,
}

impl Weights {
    /// Maps the file and reads its header.
    pub fn open(path: &Path) -> Result<Self, LoadError> {
        let file =
            File::open(path).map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
        // SAFETY: a mapping is only unsound if the file changes underneath it. Model files are
        // written once, under a new name, and renamed into place; nothing writes into one.
        let map = unsafe { Mmap::map(&file) }
            .map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
        let (header, metadata) = SafeTensors::read_metadata(&map).map_err(|error| {
            LoadError::NotSafetensors { path: path.to_owned(), message: error.to_string() }
        })?;
        // The header's length stands in the file's first eight bytes.
        let data_start = header + 8;
        if map.len() - data_start < metadata.data_len() {
            return Err(LoadError::NotSafetensors {
                path: path.to_owned(),
                message: "the file ends early".into(),
            });
        }
        Ok(Weights { path: path.to_owned(), map, metadata, data_start })
    }

    /// A vector of `len` numbers.
    pub fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>, LoadError> {
        let mut row = vec![0.0; len];
        self.tensor(name, &[len], len)?.read_row(0, &mut row);
        Ok(row)
    }

    /// All numbers of a tensor of any shape, the last index fastest.
    #[cfg(feature = "rust-bert")]
    pub fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, LoadError> {
        let columns = shape.last().copied().unwrap_or(1);
        Ok(self.tensor(name, shape, columns)?.to_vec())
    }

    /// A matrix `[rows, columns]`, to be read row by row.
    pub fn matrix(
        &self,
        name: &str,
        rows: usize,
        columns: usize,
    ) -> Result<MatrixRef<'_>, LoadError> {
        self.tensor(name, &[rows, columns], columns)
    }

    fn tensor(
        &self,
        name: &str,
        shape: &[usize],
        columns: usize,
    ) -> Result<MatrixRef<'_>, LoadError> {
        let info = self.info(name)?;
        if info.shape != shape {
            return Err(LoadError::Shape {
                path: self.path.clone(),
                name: name.to_owned(),
                found: info.shape.clone(),
                expected: shape.to_vec(),
            });
        }
        let half = match info.dtype {
            Dtype::F16 => true,
            Dtype::F32 => false,
            other => {
                return Err(LoadError::DataType {
                    path: self.path.clone(),
                    name: name.to_owned(),
                    found: format!("{other:?}"),
                });
            }
        };
        // Reading the header checked that the offsets fit the shape, the type and the file.
        let (start, end) = info.data_offsets;
        let bytes = &self.map[self.data_start + start..self.data_start + end];
        Ok(MatrixRef { bytes, half, columns })
    }

    fn info(&self, name: &str) -> Result<&TensorInfo, LoadError> {
        self.metadata.info(name).ok_or_else(|| LoadError::MissingTensor {
            path: self.path.clone(),
            name: name.to_owned(),
        })
    }
}

impl std::fmt::Debug for Weights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Weights").field("path", &self.path).finish_non_exhaustive()
    }
}

impl MatrixRef<'_> {
    /// The row's length.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Writes row `row` into `into`, `[columns]`. Panics where there is no such row.
    pub fn read_row(&self, row: usize, into: &mut [f32]) {
        debug_assert_eq!(into.len(), self.columns);
        if self.half {
            let bytes = &self.bytes[row * self.columns * 2..(row + 1) * self.columns * 2];
            // A block of 64 at a time on the stack: bytes in the file need not be aligned.
            for (bytes, into) in bytes.chunks(128).zip(into.chunks_mut(64)) {
                let mut block = [f16::ZERO; 64];
                for (x, bytes) in block.iter_mut().zip(bytes.chunks_exact(2)) {
                    *x = f16::from_le_bytes([bytes[0], bytes[1]]);
                }
                block[..into.len()].convert_to_f32_slice(into);
            }
        } else {
            let bytes = &self.bytes[row * self.columns * 4..(row + 1) * self.columns * 4];
            for (x, bytes) in into.iter_mut().zip(bytes.chunks_exact(4)) {
                *x = f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            }
        }
    }

    /// All rows, row-major.
    pub fn to_vec(self) -> Vec<f32> {
        let width = if self.half { 2 } else { 4 };
        let mut all = vec![0.0; self.bytes.len() / width];
        for (row, into) in all.chunks_exact_mut(self.columns).enumerate() {
            self.read_row(row, into);
        }
        all
    }
}
