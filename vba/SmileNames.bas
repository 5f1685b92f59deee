Attribute VB_Name = "SmileNames"
' Formulas that show #NAME? although the add-in is loaded: another program wrote the file, or it names the place that the
' add-in has on another machine. Entering such a formula again makes Excel look the function up.
Option Explicit
Option Private Module

Private Const FILE As String = "smile_xl.xlam"

Public Sub SmileBindNames(book As Workbook)
    Dim sheet As Worksheet, wrong As Range, cell As Range
    On Error Resume Next
    For Each sheet In book.Worksheets
        Set wrong = Nothing
        Set wrong = sheet.UsedRange.SpecialCells(xlCellTypeFormulas, xlErrors)
        If Not wrong Is Nothing Then
            For Each cell In wrong.Cells
                If CLng(cell.Value2) = 2029 Then Enter cell
            Next cell
        End If
    Next sheet
End Sub

' A formula without the place of the add-in before its functions.
Public Function SmilePlainFormula(ByVal formula As String) As String
    Dim place As Long, start As Long
    formula = Replace(formula, "''", Chr(1))
    place = InStr(1, formula, FILE, vbTextCompare)
    Do While place > 0
        start = place
        If Mid(formula, place + Len(FILE), 1) = "'" Then start = InStrRev(formula, "'", place)
        formula = Left(formula, start - 1) & Mid(formula, InStr(place, formula, "!") + 1)
        place = InStr(start, formula, FILE, vbTextCompare)
    Loop
    SmilePlainFormula = Replace(formula, Chr(1), "''")
End Function

Private Sub Enter(cell As Range)
    Dim target As Object
    If InStr(1, cell.Formula, "SMILE_", vbTextCompare) = 0 Then Exit Sub
    If Not cell.HasArray Then
        Set target = cell
        On Error GoTo before
        target.Formula2 = SmilePlainFormula(target.Formula2)
    ElseIf cell.Address = cell.CurrentArray.Cells(1, 1).Address Then
        cell.CurrentArray.FormulaArray = SmilePlainFormula(cell.FormulaArray)
    End If
    Exit Sub
before:
    cell.Formula = SmilePlainFormula(cell.Formula)
End Sub
