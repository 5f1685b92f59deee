Attribute VB_Name = "SmileFunctions"
' Generated from the registry of functions by .ci/generate: do not edit.
Option Explicit

Public Function SMILE_SAFETYSTOCK( _
        demand As Variant, weeks_cover As Variant, Optional method As Variant, _
        Optional month As Variant) As Variant
    SMILE_SAFETYSTOCK = SmileAnswer("SMILE_SAFETYSTOCK", demand, weeks_cover, method, month)
End Function

Public Function SMILE_SAFETYSTOCK_Z( _
        service_level As Variant, demand_mean As Variant, demand_sd As Variant, _
        lead_time_mean As Variant, lead_time_sd As Variant) As Variant
    SMILE_SAFETYSTOCK_Z = SmileAnswer("SMILE_SAFETYSTOCK_Z", service_level, demand_mean, demand_sd, lead_time_mean, lead_time_sd)
End Function

Public Function SMILE_SAFETYGAIN( _
        demand As Variant, weeks_cover As Variant, Optional old As Variant, _
        Optional new_ As Variant, Optional month As Variant) As Variant
    SMILE_SAFETYGAIN = SmileAnswer("SMILE_SAFETYGAIN", demand, weeks_cover, old, new_, month)
End Function

Public Function SMILE_ORDERS( _
        country As Variant, opening As Variant, transit As Variant, _
        demand As Variant, safety As Variant, Optional confirmed As Variant, _
        Optional status As Variant, Optional moq As Variant, Optional multiple As Variant, _
        Optional rules As Variant, Optional statuses As Variant, Optional net_transit As Variant) As Variant
    SMILE_ORDERS = SmileAnswer("SMILE_ORDERS", country, opening, transit, demand, safety, confirmed, status, moq, multiple, rules, statuses, net_transit)
End Function

Public Function SMILE_CLOSING( _
        country As Variant, opening As Variant, transit As Variant, _
        demand As Variant, orders As Variant, Optional rules As Variant, _
        Optional backorders As Variant) As Variant
    SMILE_CLOSING = SmileAnswer("SMILE_CLOSING", country, opening, transit, demand, orders, rules, backorders)
End Function

Public Function SMILE_PIPELINE(country As Variant, orders As Variant, Optional rules As Variant) As Variant
    SMILE_PIPELINE = SmileAnswer("SMILE_PIPELINE", country, orders, rules)
End Function

Public Function SMILE_WEEKSCOVER(stock As Variant, demand As Variant, Optional method As Variant) As Variant
    SMILE_WEEKSCOVER = SmileAnswer("SMILE_WEEKSCOVER", stock, demand, method)
End Function

Public Function SMILE_PROJECTION( _
        closing As Variant, pipeline As Variant, unit_cost As Variant, _
        landed_cost As Variant) As Variant
    SMILE_PROJECTION = SmileAnswer("SMILE_PROJECTION", closing, pipeline, unit_cost, landed_cost)
End Function

Public Function SMILE_RISK(closing As Variant) As Variant
    SMILE_RISK = SmileAnswer("SMILE_RISK", closing)
End Function

Public Function SMILE_OPPORTUNITY(closing As Variant) As Variant
    SMILE_OPPORTUNITY = SmileAnswer("SMILE_OPPORTUNITY", closing)
End Function

Public Function SMILE_OVERSTOCK(closing As Variant, demand As Variant, weeks_cover As Variant) As Variant
    SMILE_OVERSTOCK = SmileAnswer("SMILE_OVERSTOCK", closing, demand, weeks_cover)
End Function

Public Function SMILE_CV(demand As Variant) As Variant
    SMILE_CV = SmileAnswer("SMILE_CV", demand)
End Function

Public Function SMILE_VOLATILITYCLASS( _
        demand As Variant, Optional low As Variant, Optional high As Variant) As Variant
    SMILE_VOLATILITYCLASS = SmileAnswer("SMILE_VOLATILITYCLASS", demand, low, high)
End Function

Public Function SMILE_ABC(values As Variant, Optional cuts As Variant) As Variant
    SMILE_ABC = SmileAnswer("SMILE_ABC", values, cuts)
End Function

Public Function SMILE_XYZ(demand As Variant, Optional cuts As Variant) As Variant
    SMILE_XYZ = SmileAnswer("SMILE_XYZ", demand, cuts)
End Function

Public Function SMILE_DEMANDCLASS(demand As Variant) As Variant
    SMILE_DEMANDCLASS = SmileAnswer("SMILE_DEMANDCLASS", demand)
End Function

Public Function SMILE_SEGMENT( _
        demand As Variant, unit_cost As Variant, Optional abc_cuts As Variant, _
        Optional xyz_cuts As Variant) As Variant
    SMILE_SEGMENT = SmileAnswer("SMILE_SEGMENT", demand, unit_cost, abc_cuts, xyz_cuts)
End Function

Public Function SMILE_TARGET( _
        target As Variant, demand As Variant, Optional unit As Variant, _
        Optional unit_cost As Variant) As Variant
    SMILE_TARGET = SmileAnswer("SMILE_TARGET", target, demand, unit, unit_cost)
End Function

Public Function SMILE_WMAPE(actual As Variant, forecast As Variant) As Variant
    SMILE_WMAPE = SmileAnswer("SMILE_WMAPE", actual, forecast)
End Function

Public Function SMILE_BIAS(actual As Variant, forecast As Variant) As Variant
    SMILE_BIAS = SmileAnswer("SMILE_BIAS", actual, forecast)
End Function

Public Function SMILE_TURNS(cost_of_sales As Variant, stock As Variant) As Variant
    SMILE_TURNS = SmileAnswer("SMILE_TURNS", cost_of_sales, stock)
End Function

Public Function SMILE_OTIF( _
        ordered As Variant, received As Variant, planned As Variant, _
        arrived As Variant, Optional early_days As Variant, Optional late_days As Variant) As Variant
    SMILE_OTIF = SmileAnswer("SMILE_OTIF", ordered, received, planned, arrived, early_days, late_days)
End Function

Public Function SMILE_VERSION() As Variant
    SMILE_VERSION = SmileAnswer("SMILE_VERSION")
End Function

Public Function SMILE_WHY(cell As Variant) As Variant
    SMILE_WHY = SmileWhy(cell)
End Function

Public Function SMILE_EXPLAIN( _
        report As Variant, month As Variant, argument_1 As Variant, _
        argument_2 As Variant, Optional argument_3 As Variant, Optional argument_4 As Variant, _
        Optional argument_5 As Variant, Optional argument_6 As Variant, Optional argument_7 As Variant, _
        Optional argument_8 As Variant, Optional argument_9 As Variant, Optional argument_10 As Variant, _
        Optional argument_11 As Variant, Optional argument_12 As Variant) As Variant
    SMILE_EXPLAIN = SmileAnswer("SMILE_EXPLAIN", report, month, argument_1, argument_2, argument_3, argument_4, argument_5, argument_6, argument_7, argument_8, argument_9, argument_10, argument_11, argument_12)
End Function

' Help and category of each function for the function wizard, from the sheet of this add-in in Excel's language.
Public Sub SmileHelp()
    Dim sheet As Worksheet, row As Long, place As Long, macro As String, help As String, group As String
    Dim texts() As String
    Set sheet = ThisWorkbook.Worksheets(IIf(SmileFrench(), "functions_fr", "functions_en"))
    On Error Resume Next
    For row = 1 To sheet.UsedRange.Rows.Count
        macro = "'" & ThisWorkbook.Name & "'!" & sheet.Cells(row, 1).Value2
        help = sheet.Cells(row, 2).Value2
        group = sheet.Cells(row, 3).Value2
        If sheet.Cells(row, 4).Value2 = 0 Then
            Application.MacroOptions Macro:=macro, Description:=help, Category:=group
        Else
            ReDim texts(1 To sheet.Cells(row, 4).Value2)
            For place = 1 To UBound(texts)
                texts(place) = sheet.Cells(row, 4 + place).Value2
            Next place
            Application.MacroOptions Macro:=macro, Description:=help, Category:=group, ArgumentDescriptions:=texts
        End If
    Next row
    ThisWorkbook.Saved = True
End Sub
